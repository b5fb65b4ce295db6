"""Where somebody can be when they join: what licences are given for (ISO 3166-2), by country."""

from collections.abc import Mapping
from typing import Final

_US: Final = (
    "AL Alabama|AK Alaska|AZ Arizona|AR Arkansas|CA California|CO Colorado|CT Connecticut|DE Delaware"
    "|DC District of Columbia|FL Florida|GA Georgia|HI Hawaii|ID Idaho|IL Illinois|IN Indiana|IA Iowa|KS Kansas"
    "|KY Kentucky|LA Louisiana|ME Maine|MD Maryland|MA Massachusetts|MI Michigan|MN Minnesota|MS Mississippi"
    "|MO Missouri|MT Montana|NE Nebraska|NV Nevada|NH New Hampshire|NJ New Jersey|NM New Mexico|NY New York"
    "|NC North Carolina|ND North Dakota|OH Ohio|OK Oklahoma|OR Oregon|PA Pennsylvania|PR Puerto Rico|RI Rhode Island"
    "|SC South Carolina|SD South Dakota|TN Tennessee|TX Texas|UT Utah|VT Vermont|VA Virginia|WA Washington"
    "|WV West Virginia|WI Wisconsin|WY Wyoming"
)
ELSEWHERE: Final = "ZZ-0"
"""Outside the country: nobody is licensed there."""
REGIONS: Final[Mapping[str, Mapping[str, str]]] = {
    "US": {f"US-{one[:2]}": one[3:] for one in _US.split("|")},
}


def regions_of(country: str) -> Mapping[str, str]:
    """Return the regions of a country by code, in their own order; empty where licences do not go by region."""
    return REGIONS.get(country, {})
