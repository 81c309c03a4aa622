"""What may stand in a label: a short word of our own making. Whatever else comes is told as `other`.

The rule kept here: no label can hold a name, a number of a person or a telephone, whoever handed it in, because only plain letters, signs
and short runs of digits pass. That also bounds how many series a process can make.
"""

import re

OTHER = "other"
_PLAIN = re.compile(r"[A-Za-z0-9_.:@/{}()<> +*-]{1,120}")
_NUMBER = re.compile(r"[0-9]{7}|[0-9]{6}[Xx]")


def label(value: str) -> str:
    """The value where it is a plain word, else `other`."""
    return value if _PLAIN.fullmatch(value) and not _NUMBER.search(value) else OTHER
