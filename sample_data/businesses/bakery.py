"""A bakery in Bavaria: perishable goods, closed on Mondays and for a week each August."""

from datetime import date

from sample_data.business import (
    Anomaly,
    Business,
    Channel,
    Demand,
    Employee,
    Headers,
    Holidays,
    Item,
    Need,
    Noise,
    Peak,
    PriceChange,
    Promotion,
    Staffing,
    week,
)

OVEN = "Own oven"
TUE_TO_SUN = (1, 2, 3, 4, 5, 6)
ALL_DAY = "00:00-24:00"

DEMAND = Demand(
    weekday=(0.0, 0.84, 0.86, 0.92, 1.06, 1.34, 0.98),
    months=(0.94, 0.96, 0.98, 1.01, 1.02, 1.00, 0.96, 0.93, 1.00, 1.03, 1.05, 1.10),
    growth=0.03,
    visits=360,
    lead_rate=None,
    elasticity=-1.2,
    peaks=(Peak("days before Christmas", (12, 20), (12, 24), 1.25),),
    category_months={
        "Cake": (0.9, 0.9, 1.0, 1.1, 1.1, 1.05, 0.95, 0.95, 1.0, 1.05, 1.0, 1.0),
        "Seasonal": (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.2, 1.6, 2.4),
        "Drinks": (1.1, 1.1, 1.05, 1.0, 0.95, 0.9, 0.85, 0.85, 0.95, 1.05, 1.1, 1.1),
    },
)

ITEMS = (
    Item("Rye sourdough loaf", "Bread", 1.55, 4.80, 62, OVEN, 1, 2.6, 6, 6, 4),
    Item("Spelt loaf", "Bread", 1.80, 5.40, 34, OVEN, 1, 2.4, 6, 6, 4),
    Item("Country wheat loaf", "Bread", 1.20, 3.90, 48, OVEN, 1, 2.6, 6, 6, 3),
    Item("White roll", "Rolls", 0.13, 0.50, 310, OVEN, 1, 0.18, 30, 30, 1),
    Item("Poppy seed roll", "Rolls", 0.19, 0.75, 120, OVEN, 1, 0.18, 30, 30, 1),
    Item("Pretzel", "Rolls", 0.22, 0.95, 165, OVEN, 1, 0.25, 24, 24, 1),
    Item("Butter croissant", "Pastry", 0.48, 1.80, 88, "Frozen goods wholesaler", 3, 0.35, 60, 120, 90),
    Item("Cinnamon knot", "Pastry", 0.55, 2.20, 46, OVEN, 1, 0.3, 20, 20, 1),
    Item("Apple turnover", "Pastry", 0.70, 2.60, 30, OVEN, 1, 0.3, 20, 20, 1),
    Item("Cheesecake slice", "Cake", 0.95, 3.40, 27, OVEN, 1, 0.4, 12, 12, 2),
    Item("Crumble cake slice", "Cake", 0.80, 2.90, 22, OVEN, 1, 0.4, 12, 12, 3),
    Item("Fruit stollen", "Seasonal", 4.60, 13.90, 9, OVEN, 2, 1.6, 6, 12, 60, 0.15),
    Item("Filter coffee", "Drinks", 0.35, 2.40, 70, "Coffee roaster", 4, 0.08, 100, 200, 180),
)

CHANNELS = (
    Channel(
        "Local newspaper",
        spend=110,
        decay=0.35,
        max_visits=230,
        half=130,
        slope=1.0,
        season_pull=0.8,
        pauses=((date(2025, 6, 2), date(2025, 6, 29)), (date(2026, 4, 13), date(2026, 5, 3))),
    ),
    Channel(
        "Social media",
        spend=60,
        decay=0.15,
        max_visits=120,
        half=70,
        slope=1.5,
        season_pull=0.3,
        pauses=((date(2025, 2, 3), date(2025, 2, 23)),),
    ),
)

PROMOTIONS = (
    Promotion("Pastry week", date(2024, 10, 15), date(2024, 10, 20), "Pastry", 0.15, 1.25, 1.03),
    Promotion("Bread festival", date(2025, 3, 18), date(2025, 3, 23), "Bread", 0.10, 1.20, 1.03),
    Promotion("Cake afternoon", date(2025, 5, 13), date(2025, 5, 18), "Cake", 0.20, 1.30, 1.02),
    Promotion("Pastry week", date(2025, 10, 14), date(2025, 10, 19), "Pastry", 0.15, 1.25, 1.03),
    Promotion("Bread festival", date(2026, 2, 10), date(2026, 2, 15), "Bread", 0.10, 1.20, 1.03),
    Promotion("Cake afternoon", date(2026, 6, 9), date(2026, 6, 14), "Cake", 0.20, 1.30, 1.02),
    Promotion("Pastry week", date(2026, 10, 13), date(2026, 10, 18), "Pastry", 0.15, 1.25, 1.03),
)

PEOPLE = (
    Employee("Baker 1", "Baker", 22.5, 40, 24, week(ALL_DAY, off="Mon")),
    Employee("Baker 2", "Baker", 20.0, 40, 18, week(ALL_DAY, off="Mon Sun")),
    Employee("Baker 3", "Baker", 19.0, 32, 8, week(ALL_DAY, off="Mon Wed")),
    Employee("Sales 1", "Sales assistant", 15.5, 40, 24, week(ALL_DAY, off="Mon")),
    Employee("Sales 2", "Sales assistant", 14.5, 38, 20, week(ALL_DAY, off="Mon Sun")),
    Employee("Sales 3", "Sales assistant", 14.0, 30, 15, week(ALL_DAY, off="Mon Tue")),
    Employee("Sales 4", "Sales assistant", 14.0, 24, 8, week(ALL_DAY, off="Mon Thu")),
    Employee("Sales 5", "Sales assistant", 13.5, 20, 0, week("", Fri=ALL_DAY, Sat=ALL_DAY, Sun=ALL_DAY)),
)

NEEDS = (
    Need("Baker", TUE_TO_SUN, 3, 9, 2),
    Need("Sales assistant", (1, 2, 3, 4), 6, 18, 1),
    Need("Sales assistant", (1, 2, 3, 4), 7, 11, 1),
    Need("Sales assistant", (4,), 15, 18, 1),
    Need("Sales assistant", (5,), 6, 14, 2),
    Need("Sales assistant", (5,), 7, 12, 1),
    Need("Sales assistant", (6,), 7, 12, 2),
)

BAKERY = Business(
    key="bakery",
    name="Cornflower Bakery",
    story="A bakery in Bavaria that bakes at night, closes on Mondays and shuts for one week each August.",
    seed=1101,
    currency="EUR",
    money="#,##0.00 [$€-407]",
    price_step=0.05,
    week_start=0,
    demand=DEMAND,
    holidays=Holidays(
        country="DE",
        subdivision="BY",
        eve=1.3,
        closures=((date(2025, 8, 11), date(2025, 8, 17)), (date(2026, 8, 10), date(2026, 8, 16))),
    ),
    items=ITEMS,
    channels=CHANNELS,
    promotions=PROMOTIONS,
    price_change=PriceChange(date(2025, 9, 2), "Butter croissant", 2.10),
    anomaly=Anomaly("Oven broken", date(2026, 3, 10), date(2026, 3, 17), "Bread", 0.35),
    noise=Noise(traffic=0.035, leads=0.0, day=0.05, dispersion=0.015),
    staffing=Staffing(PEOPLE, 60, NEEDS, availability="yes/no"),
    headers=Headers(
        sales=("Date", "Product", "Units", "Unit price", "Promotion"),
        items=(
            "Product",
            "Category",
            "Unit cost",
            "Unit price",
            "Supplier",
            "Lead time (days)",
            "Volume (litres)",
            "Case pack",
            "Minimum order",
            "On hand",
            "Shelf life (days)",
        ),
        staff=("Employee", "Role", "Hourly rate", "Max hours per week", "Min hours per week"),
        coverage=("Weekday", "From", "To", "Role", "People needed"),
        marketing=("Week start", "{} spend", "Visitors", "", "Revenue"),
    ),
)
