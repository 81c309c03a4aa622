"""The rules a schema folder keeps, each with what to do when it is broken. One table, so that page and message say the same."""

import msgspec


class Rule(msgspec.Struct, frozen=True):
    """What must hold, and how a breach is mended, in both languages."""

    holds: str
    mend: str
    mend_zh: str


_NEW_MAJOR = "leave it as it was, or make a new major with an upcaster"
_NEW_MAJOR_ZH = "保持原样，或新建主版本并提供升级函数"

RULES: dict[str, Rule] = {
    "name-changed": Rule(
        "Records, enums and fixed types keep their full names; aliases do not count, Apache's Python reader ignores them.",
        _NEW_MAJOR,
        _NEW_MAJOR_ZH,
    ),
    "type-changed": Rule(
        "A field keeps its type. Avro's promotions (int to long) are one-way, and every version must read every other.",
        _NEW_MAJOR,
        _NEW_MAJOR_ZH,
    ),
    "logical-type-changed": Rule(
        "A field keeps its logical type: the bytes would still be read, and mean something else.",
        _NEW_MAJOR,
        _NEW_MAJOR_ZH,
    ),
    "size-changed": Rule("A fixed type keeps its size.", _NEW_MAJOR, _NEW_MAJOR_ZH),
    "field-without-default": Rule(
        "A field that only one version has carries a default there.",
        "give the field a default (None for `X | None`), or keep it in both",
        "为该字段设默认值，或在两版中都保留",
    ),
    "default-unusable": Rule(
        "The default of a field that only one version has is one every library reads alike: no bytes, no date or time.",
        "make the field `X | None` with the default None",
        "将字段改为可空，默认值为 None",
    ),
    "default-invalid": Rule(
        "A default fits its type; a union's default fits its first branch; a record's default tells every field.",
        "mend the default, or put its branch first",
        "修正默认值，或将其分支置于首位",
    ),
    "default-changed": Rule(
        "A default stays: stored events leave out what equals it, and would change their meaning.",
        _NEW_MAJOR,
        _NEW_MAJOR_ZH,
    ),
    "symbol-missing": Rule(
        "A version that lacks a symbol of another has a default symbol.",
        "give the enum a member UNKNOWN from its first version on, or make the field a string",
        "枚举自首版起应含 UNKNOWN，或改用字符串",
    ),
    "symbol-removed": Rule(
        "A symbol once released stays: stored events hold it.", "put the symbol back", "恢复该枚举值"
    ),
    "branch-missing": Rule("Every branch of a union has its match in the other version's.", _NEW_MAJOR, _NEW_MAJOR_ZH),
    "apache-refuses": Rule("Apache's compatibility check agrees in both directions.", _NEW_MAJOR, _NEW_MAJOR_ZH),
    "decode-fails": Rule(
        "What one version writes, fastavro and avro read with the other, whatever branch or symbol it holds.",
        "keep the order of fields and types as it was, or make a new major with an upcaster",
        "保持字段与类型的顺序，或新建主版本并提供升级函数",
    ),
    "decode-differs": Rule("fastavro and avro read the same out of the same bytes.", _NEW_MAJOR, _NEW_MAJOR_ZH),
    "shared-fingerprint": Rule(
        "One fingerprint, one text: the canonical form drops defaults, logical types and docs.",
        "take the change back, or add or rename a field so that the forms differ",
        "撤回改动，或增改字段使规范形式不同",
    ),
    "fingerprint-disputed": Rule(
        "fastavro and avro give one fingerprint for the canonical form.",
        "simplify the schema's names",
        "请简化模式中的名称",
    ),
    "file-unreadable": Rule(
        "Every `.avsc` is a schema under its proper name.", "mend, rename or remove it", "修正、改名或移除"
    ),
    "name-mismatch": Rule(
        "The record is named as its file, in the namespace of its folder.",
        "rename the file or the record",
        "文件名与记录名应一致",
    ),
    "released-changed": Rule(
        "A released text never changes.",
        "restore it from git; a change belongs in the next version",
        "从 git 恢复，改动请发布新版",
    ),
    "released-missing": Rule("A released file stays.", "restore it from git", "从 git 恢复"),
    "list-unreadable": Rule("The list of released files can be read.", "restore it from git", "从 git 恢复"),
    "version-gap": Rule(
        "Majors begin at 1 and minors at 0, and none is left out.", "number it next to the last", "版本号须连续"
    ),
    "no-upcaster": Rule(
        "Every major but the newest has an upcaster to the next.",
        "add the function to santiao/schemas/upcast.py, with a kept sample",
        "在 upcast.py 中添加升级函数并保留样例",
    ),
    "no-type": Rule(
        "Every schema has a type that reads it.",
        "keep the old type in santiao/schemas/retired.py",
        "将旧类型保留在 retired.py 中",
    ),
    "not-generated": Rule(
        "The folder says what the types say.",
        "run `python -m santiao.schemas generate` and commit the files",
        "运行 generate 并提交文件",
    ),
}


class Problem(msgspec.Struct, frozen=True):
    """One breach: the file or files, the rule, what was found, the place in the schema, the versions compared, what to do."""

    path: str
    rule: str
    found: str
    field: str = ""
    versions: str = ""
    mend: str = ""
    mend_zh: str = ""

    def __post_init__(self) -> None:
        msgspec.structs.force_setattr(self, "mend", RULES[self.rule].mend)
        msgspec.structs.force_setattr(self, "mend_zh", RULES[self.rule].mend_zh)

    def write_line(self) -> str:
        """The breach in one line: where, which versions, what, which rule, and what to do about it."""
        versions = f" {self.versions}" if self.versions else ""
        field = f" at {self.field}" if self.field else ""
        return f"{self.path}{versions}{field}: {self.found} [{self.rule}]. Mend: {self.mend}. 处理：{self.mend_zh}。"
