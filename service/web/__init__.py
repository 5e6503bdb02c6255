"""The Chinese server-rendered console: framework here, one module per group of pages."""
