import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicgpu.repeats.anchors import names_of, numbers_of


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("50,000 or 50.000 or 50 000 or 50\u202f000 or 5万 or 五万", {"5"}),
        ("431.44 and 431,44", {"43144"}),
        ("$40 trillion, 40万亿美元", {"4"}),
        ("1,234,567.80", {"12345678"}),
        ("in 2019 500 people", {"2019", "5"}),  # no group has four digits before it
        ("12 500 of 2019\u202f500", {"125", "2019", "5"}),
        ("١٢٫٥ and 12.5 and १२.५", {"125"}),
        ("2023年5月17日", {"2023", "5", "17"}),
        ("一九九八年，三百五十人，两千零八", {"1998", "35", "2008"}),
        ("三千万和百分之二十三", {"3", "23"}),
        ("十分 千万 一个 万亿", set()),  # no digit, or one character: as a rule no number
        ("AI5, Q4 and COVID-19", {"19"}),
        ("2nm and 5G", {"2", "5"}),
        ("0, 00 and 0.0", set()),
        ("", set()),
    ],
)
def test_numbers_are_their_significant_digits(text, numbers):
    assert numbers_of(text) == numbers


def test_names_are_in_latin_letters_case_and_accents_aside():
    assert names_of("埃隆在São Paulo谈AI5和Cortex 2，以及X") == {"sao", "paulo", "ai5", "cortex"}
    assert names_of("Маск и Tesla") == {"tesla"}


@given(st.integers(1, 10**12), st.sampled_from([",", ".", "\u202f", "'"]))
def test_grouping_makes_no_difference(number, mark):
    assert numbers_of(f"{number:,}".replace(",", mark)) == numbers_of(str(number))


@given(st.text())
def test_any_text_will_do(text):
    assert all(number.isdigit() and number == number.strip("0") for number in numbers_of(text))
    assert all(names_of(text))
