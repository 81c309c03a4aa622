"""Names of organisations (单位名称): telling one from a person's name, and a key under which two spellings are the same.

The rule kept here: the key drops how a firm is incorporated, brackets and width, never a word that tells two firms apart (分公司 stays).
"""

import re
import unicodedata

from santiao.connectors.converters.cells import words

MAX_ORGANISATION = 120
_STRONG = words(
    "公司 集团 银行 学校 大学 学院 中学 小学 幼儿园 医院 卫生院 卫生室 诊所 药店 药房 超市 商店 饭店 酒店 宾馆 餐厅 餐馆 批发部 经营部 "
    "门市部 项目部 营业部 服务部 事务所 工作室 合作社 委员会 村委会 居委会 业委会 管委会 人民政府 派出所 司法所 管理局 管理处 管理所 "
    "服务站 服务中心 中心 工厂 商行 商贸行 车行 养殖场 农场 林场 市场 协会 商会 联合会 基金会 研究所 研究院 法院 检察院 仲裁院 公安局 "
    "分局 支队 大队 街道办 办事处 村民小组 经济联合社 物业 旗舰店 专卖店 分店 总店 加工厂 修理厂 汽修厂 会所 俱乐部 影城 网吧 理发店 "
    "美容院 美发店 培训班 托管班 养老院 敬老院 福利院 个体工商户 工作队 施工队 车队 厂房 营业厅 有限责任 有限合伙"
)
_WEAK = "厂店院校馆部局所站处社行会队场园铺坊吧室"
_STRONG_ENDING = re.compile(f"(?:{'|'.join(sorted(_STRONG, key=len, reverse=True))})$")
_LONG_ENOUGH_FOR_WEAK = 5
_BRACKETED_TAIL = re.compile(r"[(（\[【][^()（）\[\]【】]{0,60}[)）\]】]$")
_BLANKS = re.compile(r"\s+")
_BRACKETS = re.compile(r"[()\[\]{}<>《》〈〉【】〔〕「」“”\"'·,，.。、\-—]")
_FORMS = re.compile(
    "(?:集团)?(?:股份)?(?:有限责任公司|有限公司|股份公司|责任公司|有限合伙|普通合伙|特殊普通合伙|个人独资|独资企业|个体工商户|总公司|(?<!分)(?<!子)公司|集团)$"
)
_PROVINCES = words(
    "云南 台湾 吉林 四川 安徽 山东 山西 广东 江苏 江西 河北 河南 浙江 海南 湖北 湖南 甘肃 福建 贵州 辽宁 陕西 青海 黑龙江"
)
_PROVINCE_WORD = re.compile(f"^({'|'.join(_PROVINCES)})省(?![心钱力油电时道])(?=..)")
_CITY_WORD = re.compile(
    "^([\u4e00-\u9fff]{2,6}?)(?<![超夜菜闹股鱼楼早鸟街米])市(?!场|政(?!务|府|协|法)|民(?!政|办|营|族|间|航)|区|容|郊|内|集|面|井|委(?!员|托)|[中北南]区)(?=..)"
)
_LIKE_WORDS = frozenset("城都门集")
_CITIES_LIKE_WORDS = tuple(
    words(
        "丰城 共青城 兴城 凤城 厦门 塔城 天门 宜城 宜都 宣城 应城 成都 昌都 晋城 桐城 永城 江门 海城 玉门 白城 盐城 禹城 聊城 肥城 "
        "荆门 诸城 辛集 运城 邹城 韩城 项城 麻城"
    )
)
"""Cities whose name and 市 end like a word: 盐城市 is one, 都市 and 门市 are none."""
_KINDS = (
    "管理 服务 建筑 劳务 工程 科技 网络 信息 技术 商贸 贸易 投资 发展 实业 置业 装饰 装修 物业 餐饮 文化 传媒 教育 咨询 物流 运输 配送 "
    "供应链 食品 机械 设备 制造 电子 电器 家具 建材 材料 医疗 健康 养老 旅游 酒店 房地产 开发 经纪 人力资源 安装 园林 绿化 环保 能源 汽车 "
    "销售 租赁 农业 生态 种植 养殖 派遣 保安 家政 广告 印务 服饰 纺织"
)
_ASIDE = "[（(](?:以下)?(?:简称|化名)[^（）()]{0,20}[)）]"
_BROKEN = re.compile(
    f"(?<=[\u4e00-\u9fff）)])(?:\\s+|{_ASIDE})(?=(?:{'|'.join(words(_KINDS))}){{0,4}}(?:股份)?有\\s*限)"
    "|(?<=有)\\s+(?=限(?:责任)?\\s*公)|(?<=有限)\\s+(?=(?:责任)?\\s*公)|(?<=有限责任)\\s+(?=公)|(?<=公)\\s+(?=司)|(?<=股份)\\s+(?=有限)"
)
_SHORTEST_KEY = 2


def is_organisation(text: str) -> bool:
    """True when the words say organisation: 公司, 村委会, 医院 …; a lone last character such as 店 counts in a longer name only."""
    bare = _BRACKETED_TAIL.sub("", text).strip()
    if len(bare) < 4:
        return False
    if _STRONG_ENDING.search(bare) or "有限公司" in bare or "公司" in bare:
        return True
    return len(bare) >= _LONG_ENOUGH_FOR_WEAK and bare[-1] in _WEAK


def trim_organisation(text: str) -> str:
    """The name without blanks, brackets in full width; otherwise as written."""
    return _BLANKS.sub("", text).replace("(", "（").replace(")", "）")[:MAX_ORGANISATION]


def organisation_key(name: str) -> str:
    """Key for comparing organisations' names.

    Width, blanks, brackets and case are folded; the form of incorporation (有限公司, 有限责任公司, 公司) and 省 and 市 of a leading
    place go; what is left keeps its order. A name that would vanish keeps its form. Empty for an empty name.
    """
    folded = _BLANKS.sub("", unicodedata.normalize("NFKC", name[:MAX_ORGANISATION])).upper()
    bare = _BRACKETS.sub("", folded)
    stripped = _FORMS.sub("", bare)
    if len(stripped) < _SHORTEST_KEY:
        stripped = bare
    return _CITY_WORD.sub(_without_city, _PROVINCE_WORD.sub(r"\1", stripped))


def _without_city(found: re.Match[str]) -> str:
    """A leading city without its 市; what only ends like one (甲乙都市花园) stays."""
    city = found[1]
    return found[0] if city[-1] in _LIKE_WORDS and not city.endswith(_CITIES_LIKE_WORDS) else city


def find_breaks(text: str) -> list[tuple[int, int]]:
    """Where a firm's name is broken by a line end, a blank or an aside (以下简称…): what follows could begin no name of its own."""
    return [hit.span() for hit in _BROKEN.finditer(text)] if "限" in text else []


def close_breaks(text: str) -> str:
    """The text with broken firms' names in one piece."""
    return _BROKEN.sub("", text) if "限" in text else text
