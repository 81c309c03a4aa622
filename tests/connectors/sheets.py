"""The first sheet of a workbook under construction, with the type a test needs."""

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet


def first_sheet(workbook: Workbook) -> Worksheet:
    """The sheet a new workbook begins with."""
    sheet = workbook.active
    assert isinstance(sheet, Worksheet)
    return sheet
