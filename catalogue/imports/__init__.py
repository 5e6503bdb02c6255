"""Import from Excel or CSV (批量导入): dry run, row-by-row result, all or nothing.

columns  what a kind of file looks like        reading  from sheets to forms
scan, sheets  files that strangers send        template  the workbook to be filled in
outcome  what was done, and undoing a dry run   texts  everything an import can find
"""
