"""The assumptions register: every parameter, mechanism and rival rule, how sure it is, how much it matters.

`content` gathers the entries from what the rules declare and from what was measured of them, `page` makes one
HTML file of them, and `workbook` an Excel workbook.
"""
