"""Names and reasons for the demo's patients. All invented; any likeness is chance."""

from typing import Final

NAMES: Final = (
    ("en", "James Mary Robert Patricia Michael Linda Grace Thomas Ruth Walter Naomi Oscar",
     "Baker Lindgren Carter Hughes Mbeki Novak Sullivan Whitaker Osei Larsen Fontaine Reyes"),
    ("es", "María José Lucía Carlos Ximena Andrés Sofía Héctor Pilar Ángel Inés Joaquín",
     "Núñez García Peña Martínez Ibáñez Quiroga Muñoz Ortega Zúñiga Córdoba Benítez Salazar"),
    ("ar", "ليلى أحمد فاطمة يوسف مريم خالد هدى عمر سلمى كريم أمل طارق",
     "الخطيب منصور حداد النجار سليمان الشامي قاسم العلي زيدان بركات فارس درويش"),
    ("ru", "Анна Иван Ольга Дмитрий Елена Сергей Наталья Павел Юлия Андрей Вера Михаил",
     "Соколова Петров Кузнецова Волков Морозова Лебедев Орлова Зайцев Белова Громов Титова Фомин"),
    ("zh", "伟 芳 秀英 敏 静 强 磊 军 洋 艳 杰 娟", "陈 王 李 张 刘 黄 林 吴 周 徐 孙 马"),
    ("hi", "आरव अनीता विजय सुनीता राहुल प्रिया मोहन कविता अर्जुन मीरा दीपक रेखा",
     "शर्मा वर्मा गुप्ता पटेल सिंह जोशी मेहता नायर मिश्रा राव चौहान भट्ट"),
    ("am", "አበበ ሰላም ዮሐንስ ሕይወት ተስፋዬ ብርሃን ገብርኤል ሳራ ዳዊት ማርታ ኃይሉ ሩት",
     "ተክሌ በቀለ ወልዴ ታደሰ ከበደ ሙሉጌታ አለሙ ግርማ ዘውዴ ደምሴ መኮንን አያሌው"),
    ("vi", "Minh Hương Đức Lan Tuấn Ngọc Hải Thảo Quân Mai Phúc Yến",
     "Nguyễn Trần Lê Phạm Hoàng Phan Vũ Đặng Bùi Đỗ Hồ Dương"),
    ("ko", "민준 서연 도윤 지우 하준 수아 예준 하은 시우 지민 건우 채원", "김 이 박 최 정 강 조 윤 장 임 한 오"),
    ("el", "Γιώργος Μαρία Νίκος Ελένη Δημήτρης Κατερίνα Ανδρέας Σοφία Πέτρος Ιωάννα Στέλιος Άννα",
     "Παππάς Νικολάου Γεωργίου Δήμου Αλεξίου Κωστόπουλος Μακρή Ρήγας Βλάχος Λάμπρου Σαββίδη Ζήση"),
)  # fmt: skip
"""A language, given names and family names in its script."""

WEIGHTS: Final = (40, 18, 8, 6, 8, 6, 4, 4, 3, 3)
"""How many patients of each hundred bear names of each line above."""

REASONS: Final = (
    "Pressure, new dose", "Cough for two weeks", "Rash, photo sent", "Knee hurts on stairs", "Asthma follow-up",
    "Diabetes review", "Lab results", "Headaches", "Back pain", "Sleeping badly", "Travel advice", "Medication refill",
    "Dolor de garganta", "Control de presión", "صداع منذ أسبوع", "متابعة السكري", "头晕", "Болит плечо",
)  # fmt: skip
