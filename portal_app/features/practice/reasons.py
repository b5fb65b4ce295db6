"""What people come for, in their own words: a small catalogue that leads to kinds of visit and specialties.

Nothing that is typed is kept or logged. Words are folded (case, accents, Arabic letter variants, the article and common
endings), and a word counts from its beginning on, so that the list can follow somebody who is still typing.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

RESULTS_MAX = 5
TYPED_MAX = 80
_SHORTEST = 2
_WHOLE = 4
"""From how many letters on a known word may be the beginning of what is typed: "knee" of "knees"."""

SPECIALTIES: Mapping[str, Mapping[str, str]] = {
    "family": {"en": "Family medicine", "es": "Medicina familiar", "ar": "طب الأسرة"},
    "internal": {"en": "Internal medicine", "es": "Medicina interna", "ar": "الطب الباطني"},
    "children": {"en": "Children's health", "es": "Pediatría", "ar": "طب الأطفال"},
    "heart": {"en": "Heart and blood pressure", "es": "Corazón y presión arterial", "ar": "القلب وضغط الدم"},
    "women": {"en": "Women's health", "es": "Salud de la mujer", "ar": "صحة المرأة"},
    "mind": {"en": "Mental health", "es": "Salud mental", "ar": "الصحة النفسية"},
    "skin": {"en": "Skin", "es": "Piel", "ar": "الجلد"},
    "bones": {"en": "Bones and joints", "es": "Huesos y articulaciones", "ar": "العظام والمفاصل"},
}
"""What practitioners can be found for, by code."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Something people come for. `words` are further ways to say it; `visit_types` and `specialties` in order.

    What `is_urgent` may not wait for an appointment.
    """

    code: str
    names: Mapping[str, str]
    words: Mapping[str, str]
    specialties: tuple[str, ...] = ("family", "internal")
    visit_types: tuple[str, ...] = ("new_problem",)
    is_urgent: bool = False


def _reason(
    code: str, names: tuple[str, str, str], words: tuple[str, str, str], *specialties: str,
    visit_type: str = "new_problem", is_urgent: bool = False,
) -> Reason:  # fmt: skip
    locales = ("en", "es", "ar")
    return Reason(
        code,
        dict(zip(locales, names, strict=True)),
        dict(zip(locales, words, strict=True)),
        specialties or ("family", "internal"),
        (visit_type,),
        is_urgent,
    )


REASONS: tuple[Reason, ...] = (
    _reason("chest_pain", ("Chest pain", "Dolor en el pecho", "ألم في الصدر"),
            ("heart attack pressure tight", "infarto opresión ataque corazón", "ذبحة نوبة قلبية ضيق صدري"),
            "heart", "family", is_urgent=True),
    _reason("breathless", ("Trouble breathing", "Dificultad para respirar", "صعوبة في التنفس"),
            ("breath short breathless wheeze choking", "ahogo asfixia falta aire respiro", "ضيق نفس اختناق أتنفس"),
            "family", "internal", is_urgent=True),
    _reason("stroke", ("Sudden weakness, or trouble speaking", "Debilidad repentina o dificultad para hablar",
                       "ضعف مفاجئ أو صعوبة في الكلام"),
            ("stroke numb face droop", "derrame ictus adormecido cara caída", "جلطة سكتة خدر وجه"),
            "family", is_urgent=True),
    _reason("self_harm", ("Thoughts of hurting myself", "Pensamientos de hacerme daño", "أفكار بإيذاء نفسي"),
            ("suicide suicidal die kill", "suicidio suicidarme morir matarme", "انتحار أموت أقتل"),
            "mind", "family", is_urgent=True),
    _reason("low_mood", ("Feeling low", "Ánimo bajo", "مزاج منخفض"),
            ("sad depressed depression unhappy hopeless crying down mood grief",
             "triste tristeza deprimido deprimida depresión desanimado llorar duelo",
             "حزن حزين حزينة اكتئاب مكتئب كآبة بكاء ضيق"), "mind",
             "family"),
    _reason("worry", ("Worry, or panic", "Nervios o pánico", "قلق أو هلع"),
            ("anxiety anxious nervous stress stressed fear attacks",
             "ansiedad ansioso ansiosa estrés miedo angustia preocupación",
             "توتر خوف عصبية ضغط نفسي"), "mind",
             "family"),
    _reason("sleep", ("Trouble sleeping", "Problemas para dormir", "صعوبة في النوم"),
            ("insomnia tired awake snoring", "insomnio sueño duermo cansancio roncar", "أرق أنام تعب شخير"),
            "family", "mind", "internal"),
    _reason("knee", ("Knee pain", "Dolor de rodilla", "ألم في الركبة"),
            ("knee kneecap meniscus joint leg", "rodillas menisco articulación pierna", "ركبة ركب مفصل ساق"),
            "bones", "family", "internal"),
    _reason("back", ("Back pain", "Dolor de espalda", "ألم في الظهر"),
            ("spine sciatica lumbago neck", "columna ciática lumbago cintura cuello", "ظهر عمود فقري رقبة عرق النسا"),
            "bones", "family", "internal"),
    _reason("joints", ("Shoulder, hip, hand or foot", "Hombro, cadera, mano o pie", "كتف أو ورك أو يد أو قدم"),
            ("joint arthritis ankle wrist elbow sprain swollen",
             "articulaciones artritis tobillo muñeca codo esguince hinchado",
             "مفاصل التهاب كاحل معصم كوع التواء تورم"), "bones",
             "family",
             "internal"),
    _reason("rash", ("A rash, or itching", "Sarpullido o picazón", "طفح جلدي أو حكة"),
            ("skin itchy spots hives eczema allergy red", "piel ronchas granos urticaria eccema alergia comezón",
             "جلد بقع حساسية أكزيما احمرار"), "skin", "family", "children"),
    _reason("mole", ("A mole or a lump", "Un lunar o un bulto", "شامة أو كتلة"),
            ("skin growth wart cyst", "piel verruga quiste bolita", "جلد ثؤلول كيس ورم"), "skin", "family"),
    _reason("cold", ("Cough, cold or fever", "Tos, resfriado o fiebre", "سعال أو زكام أو حمى"),
            ("flu throat sore runny nose temperature covid chest", "gripe garganta catarro mocos temperatura covid",
             "كحة رشح إنفلونزا حلق حرارة سخونة كورونا"), "family", "internal", "children"),
    _reason("ear", ("Earache, or hearing", "Oído u oír mal", "ألم الأذن أو السمع"),
            ("ear ears deaf ringing wax", "oídos oreja sordo zumbido cera", "أذن اذن سمع طنين شمع"),
            "family", "children", "internal"),
    _reason("eye", ("Red or sore eye", "Ojo rojo o irritado", "احمرار العين أو ألمها"),
            ("eyes vision sight pink conjunctivitis", "ojos vista visión conjuntivitis", "عيون نظر رؤية رمد"),
            "family", "internal", "children"),
    _reason("headache", ("Headache, or dizziness", "Dolor de cabeza o mareo", "صداع أو دوخة"),
            ("migraine head dizzy vertigo faint", "migraña jaqueca cabeza vértigo mareado desmayo",
             "شقيقة رأس دوار إغماء"), "family", "internal"),
    _reason("stomach", ("Stomach or bowel trouble", "Estómago o intestino", "ألم في البطن أو الأمعاء"),
            ("belly tummy abdominal nausea vomiting diarrhea constipation heartburn",
             "barriga panza vientre náusea vómito diarrea estreñimiento acidez",
             "معدة بطن غثيان قيء إسهال إمساك حموضة"),
            "family", "internal", "children"),
    _reason("urine", ("Burning, or going often", "Ardor al orinar", "حرقة أو كثرة التبول"),
            ("urine pee bladder urinary infection uti kidney", "orina orino vejiga infección riñón cistitis",
             "بول مثانة التهاب كلية كلى"), "family", "women", "internal"),
    _reason("pressure", ("Blood pressure", "Presión arterial", "ضغط الدم"),
            ("hypertension high heart palpitations", "hipertensión tensión alta corazón palpitaciones",
             "ضغط مرتفع قلب خفقان"), "heart", "family", "internal", visit_type="follow_up"),
    _reason("sugar", ("Diabetes, or blood sugar", "Diabetes o azúcar", "السكري أو سكر الدم"),
            ("sugar insulin glucose diabetic", "azúcar insulina glucosa diabético", "سكر سكري أنسولين"),
            "internal", "family", visit_type="follow_up"),
    _reason("periods", ("Periods, or menopause", "La regla o la menopausia", "الدورة أو سن اليأس"),
            ("period bleeding cramps women menstruation hot flushes", "menstruación sangrado cólicos mujer sofocos",
             "حيض نزيف طمث امرأة هبات"), "women", "family"),
    _reason("pregnancy", ("Pregnancy, or birth control", "Embarazo o anticonceptivos", "الحمل أو منع الحمل"),
            ("pregnant contraception pill baby test", "embarazada anticonceptivo pastilla bebé prueba",
             "حامل حبوب مانع جنين"), "women", "family"),
    _reason("child", ("My child is unwell", "Mi hijo está enfermo", "طفلي مريض"),
            ("baby kid son daughter infant toddler", "hija niño niña bebé hijos", "ابني ابنتي طفلتي رضيع أطفال"),
            "children", "family"),
    _reason("vaccine", ("A vaccination", "Una vacuna", "تطعيم"),
            ("vaccine shot jab flu booster travel", "vacunas vacunación inyección gripe refuerzo viaje",
             "لقاح لقاحات جرعة سفر تلقيح"), "family", "children", "internal", visit_type="vaccination"),
    _reason("check_up", ("A yearly check-up", "Un chequeo anual", "فحص سنوي"),
            ("checkup physical annual exam screening well", "revisión examen físico rutina", "فحص دوري كشف شامل"),
            "family", "internal", "children", visit_type="check_up"),
    _reason("results", ("Results, or medicines", "Resultados o medicinas", "نتائج أو أدوية"),
            ("result test lab prescription refill medication follow-up",
             "resultado análisis receta medicamento seguimiento pastillas",
             "نتيجة تحليل وصفة دواء متابعة حبوب"), "family",
             "internal",
            visit_type="follow_up"),
)  # fmt: skip

_STOP = """
a the an and or have has with for not feel feeling very so is am to in on it of my hurts hurt pain ache problem
mi mis el la los las un una de en me tengo muy con que no es estoy duele duelen dolor problema
في من على عندي لدي أشعر انا ألم تؤلمني يؤلمني
"""
_ARABIC_VARIANTS = str.maketrans(
    {"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه", "ؤ": "و", "ئ": "ي", "ـ": ""}
)
_ARTICLE = re.compile("^(?:وال|بال|كال|فال|لل|ال)(?=.{3})")
_ENDING = re.compile("(?<=.{3})(?:تي|ني|ها|نا|ات|ين|ون|ان|ه|ت|ي|ك)$")
_WORD = re.compile(r"[^\W_]+")


def folded(text: str) -> str:
    """Return text as it is compared: without case, accents and marks, Arabic letters in one form."""
    apart = unicodedata.normalize("NFKD", text.translate(_ARABIC_VARIANTS)).casefold()
    return "".join(letter for letter in apart if not unicodedata.combining(letter)).translate(_ARABIC_VARIANTS)


@cache
def _stem(word: str) -> str:
    return _ENDING.sub("", _ARTICLE.sub("", word))


def words_in(text: str) -> list[str]:
    """Return the words of a text as they are compared."""
    return [_stem(word) for word in _WORD.findall(folded(text)) if len(word) >= _SHORTEST]


@cache
def _stopped() -> frozenset[str]:
    return frozenset(words_in(_STOP))


@cache
def _known(code: str) -> Mapping[str, tuple[frozenset[str], frozenset[str]]]:
    reason = reason_of(code)
    assert reason is not None  # noqa: S101 - asked for what is in the list
    return {
        locale: (frozenset(words_in(reason.names[locale])), frozenset(words_in(reason.words[locale])))
        for locale in reason.names
    }


def reason_of(code: str) -> Reason | None:
    """Return a reason of the catalogue."""
    return next((one for one in REASONS if one.code == code), None)


def find_reasons(typed: str, locale: str) -> list[Reason]:
    """Return the reasons that fit what is typed, the best first: in the reader's language, then in any other."""
    telling = [word for word in words_in(typed[:TYPED_MAX]) if word not in _stopped()]
    if not telling:
        return []
    scored = [(_score(one, telling, locale), -place) for place, one in enumerate(REASONS)]
    best = sorted((score, place) for score, place in scored if score)
    return [REASONS[-place] for _, place in reversed(best)][:RESULTS_MAX]


def _score(reason: Reason, asked: Sequence[str], locale: str) -> float:
    """Return how many of the words fit; a name counts more than another word, and one's own language than others."""
    best = 0.0
    for spoken, (names, words) in _known(reason.code).items():
        own = 1.0 if spoken == locale else 0.5
        best = max(best, own * sum(max(1.5 * _fits(word, names), _fits(word, words)) for word in asked))
    return best


def _fits(word: str, known: Collection[str]) -> float:
    if word in known:
        return 1.0
    is_begun = any(one.startswith(word) or (len(one) >= _WHOLE and word.startswith(one)) for one in known)
    return 0.8 if is_begun else 0.0
