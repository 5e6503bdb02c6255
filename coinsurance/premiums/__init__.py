"""Premium of a placement (共保保费): receipts taken up, fees, endorsements, share changes.

books  posting into the pool year's book        dues  obligations between members
"""
