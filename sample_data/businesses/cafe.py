"""A cafe in Ontario: open every day, half-hourly staffing that follows the rush, the richest staff sheets."""

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
    Noise,
    PriceChange,
    Promotion,
    RushHours,
    Staffing,
    TimeOff,
    week,
)

ROASTER, DAIRY, BAKERY, GROCER = "Coffee roaster", "Dairy", "Bakery", "Grocer"
DAY, EARLY, LATE = "06:30-19:30", "06:30-15:30", "12:00-19:30"

DEMAND = Demand(
    weekday=(0.94, 0.90, 0.92, 0.97, 1.06, 1.18, 1.03),
    months=(0.92, 0.93, 0.97, 1.00, 1.04, 1.06, 1.05, 1.03, 1.02, 1.02, 0.98, 0.98),
    growth=0.04,
    visits=300,
    lead_rate=None,
    elasticity=-0.9,
    category_months={
        "Cold drinks": (0.4, 0.4, 0.6, 0.9, 1.3, 1.7, 1.9, 1.8, 1.2, 0.8, 0.5, 0.4),
        "Hot drinks": (1.1, 1.1, 1.06, 1.0, 0.96, 0.9, 0.87, 0.88, 0.97, 1.03, 1.08, 1.1),
    },
)

ITEMS = (
    Item("Flat white", "Hot drinks", 0.92, 4.60, 62, ROASTER, 4, 0.12, 60, 120, 90),
    Item("Cappuccino", "Hot drinks", 0.90, 4.50, 54, ROASTER, 4, 0.12, 60, 120, 90),
    Item("Espresso", "Hot drinks", 0.45, 2.90, 26, ROASTER, 4, 0.05, 100, 200, 90),
    Item("Filter coffee", "Hot drinks", 0.40, 2.80, 58, ROASTER, 4, 0.08, 100, 200, 90),
    Item("Hot chocolate", "Hot drinks", 0.85, 4.40, 18, GROCER, 3, 0.12, 40, 40, 180),
    Item("Black tea", "Hot drinks", 0.25, 3.10, 21, GROCER, 3, 0.02, 100, 100, 365),
    Item("Iced latte", "Cold drinks", 1.05, 5.20, 24, DAIRY, 1, 0.3, 24, 24, 6),
    Item("Homemade lemonade", "Cold drinks", 0.70, 4.30, 19, GROCER, 2, 0.4, 20, 20, 4),
    Item("Butter croissant", "Food", 1.05, 3.40, 37, BAKERY, 1, 0.35, 12, 24, 1),
    Item("Banana bread", "Food", 0.95, 3.90, 22, BAKERY, 1, 0.3, 10, 10, 3),
    Item("Carrot cake", "Food", 1.45, 5.60, 14, BAKERY, 1, 0.4, 12, 12, 3),
    Item("Avocado toast", "Kitchen", 2.90, 10.50, 17, GROCER, 2, 0.6, 10, 10, 3),
    Item("Grilled cheese", "Kitchen", 2.30, 9.20, 20, DAIRY, 1, 0.5, 10, 20, 6),
    Item("Soup of the day", "Kitchen", 1.80, 7.40, 15, GROCER, 2, 0.5, 10, 10, 3),
)

CHANNELS = (
    Channel(
        "Social ads",
        spend=130,
        decay=0.20,
        max_visits=230,
        half=150,
        slope=1.2,
        season_pull=1.0,
        pauses=((date(2025, 2, 3), date(2025, 3, 2)), (date(2026, 5, 4), date(2026, 5, 24))),
    ),
    Channel(
        "Flyers",
        spend=80,
        decay=0.45,
        max_visits=140,
        half=110,
        slope=1.0,
        season_pull=0.4,
        pauses=((date(2025, 8, 4), date(2025, 8, 31)),),
    ),
)

PROMOTIONS = (
    Promotion("Iced latte happy days", date(2025, 6, 16), date(2025, 6, 22), "Cold drinks", 0.20, 1.25, 1.04),
    Promotion("Soup season", date(2025, 11, 3), date(2025, 11, 9), "Kitchen", 0.15, 1.25, 1.03),
    Promotion("Birthday of the cafe", date(2026, 3, 9), date(2026, 3, 15), "", 0.10, 1.10, 1.08),
    Promotion("Iced latte happy days", date(2026, 6, 15), date(2026, 6, 21), "Cold drinks", 0.20, 1.25, 1.04),
    Promotion("Cake and coffee", date(2026, 9, 14), date(2026, 9, 20), "Food", 0.15, 1.20, 1.03),
    Promotion("Soup season", date(2026, 11, 9), date(2026, 11, 15), "Kitchen", 0.15, 1.25, 1.03),
)

WEEKENDS = week("", Sat=DAY, Sun=DAY)
PEOPLE = (
    Employee("Barista 1", "Barista", 22.0, 40, 32, week(DAY, off="Sun"), "Floor", "mornings"),
    Employee("Barista 2", "Barista", 21.0, 40, 30, week(DAY, off="Mon"), "Floor"),
    Employee("Barista 3", "Barista", 20.0, 40, 20, week(DAY, off="Wed"), "Kitchen", "late shifts"),
    Employee("Barista 4", "Barista", 19.5, 32, 16, week(EARLY, off="Thu"), "", "no Sundays"),
    Employee("Barista 5", "Barista", 18.5, 24, 8, week(DAY, off="Tue"), "Floor"),
    Employee("Barista 6", "Barista", 18.0, 16, 0, WEEKENDS, "", "Saturdays"),
    Employee("Cook 1", "Kitchen", 24.0, 40, 32, week(DAY, off="Sun"), "", "mornings"),
    Employee("Cook 2", "Kitchen", 22.5, 40, 24, week(DAY, off="Tue")),
    Employee("Cook 3", "Kitchen", 20.0, 32, 8, week(DAY, off="Mon"), "Floor"),
    Employee("Floor 1", "Floor", 18.5, 40, 24, week(DAY, off="Tue"), "", "no late shifts"),
    Employee("Floor 2", "Floor", 18.0, 32, 16, week(DAY, off="Fri"), "Barista"),
    Employee("Floor 3", "Floor", 17.5, 32, 8, week(DAY, off="Wed"), "", "two days off in a row"),
    Employee("Floor 4", "Floor", 17.2, 16, 0, WEEKENDS),
    Employee("Student helper 1", "Floor", 17.2, 12, 0, week("15:00-19:30", off="Sun", Sat=DAY)),
)

TIME_OFF = (
    TimeOff("Barista 3", date(2026, 11, 3), date(2026, 11, 4), "holiday", "fixed"),
    TimeOff("Cook 2", date(2026, 11, 14), date(2026, 11, 15), "holiday", "fixed"),
    TimeOff("Floor 1", date(2026, 11, 6), date(2026, 11, 6), "request", "high"),
    TimeOff("Barista 1", date(2026, 11, 11), date(2026, 11, 11), "request", "medium"),
    TimeOff("Floor 2", date(2026, 11, 7), date(2026, 11, 8), "request", "low"),
)

STAFFING = Staffing(
    people=PEOPLE,
    slot_minutes=30,
    rush=RushHours(
        opens=7,
        hours=(0.09, 0.13, 0.12, 0.10, 0.08, 0.11, 0.10, 0.07, 0.07, 0.06, 0.04, 0.03),
        units_per_person={"Barista": 33.0, "Kitchen": 72.0, "Floor": 56.0},
        least={"Barista": 1, "Kitchen": 1, "Floor": 1},
    ),
    overtime=1.5,
    shifts=(
        ("Early", "07:00", "15:00", 30),
        ("Morning rush", "07:00", "11:00", 0),
        ("Short early", "07:00", "12:00", 0),
        ("Middle", "09:00", "17:00", 30),
        ("Lunch", "11:00", "15:00", 0),
        ("Late", "13:00", "19:00", 30),
        ("Short late", "15:00", "19:00", 0),
        ("Long day", "09:00", "19:00", 60),
    ),
    time_off=TIME_OFF,
)

CAFE = Business(
    key="cafe",
    name="Lakeside Cafe",
    story="A cafe in Ontario, open every day but a few holidays; how many people are needed follows the hourly rush.",
    seed=1404,
    currency="CAD",
    money="[$CAD] #,##0.00",
    price_step=0.05,
    week_start=0,
    demand=DEMAND,
    holidays=Holidays(
        country="CA",
        subdivision="ON",
        closed=("New Year's Day", "Good Friday", "Christmas Day"),
        factor=1.12,
    ),
    items=ITEMS,
    channels=CHANNELS,
    promotions=PROMOTIONS,
    price_change=PriceChange(date(2025, 10, 1), "Flat white", 5.20),
    anomaly=Anomaly("Terrace closed for repairs", date(2026, 7, 6), date(2026, 7, 26), "traffic", 0.78),
    noise=Noise(traffic=0.04, leads=0.0, day=0.06, dispersion=0.02),
    staffing=STAFFING,
    headers=Headers(
        sales=("date", "menu item", "sold", "price (CAD)", "on promotion"),
        items=(
            "menu item",
            "category",
            "cost (CAD)",
            "price (CAD)",
            "supplier",
            "lead time (days)",
            "volume (litres)",
            "case pack",
            "minimum order",
            "on hand",
            "shelf life (days)",
        ),
        staff=("employee", "role", "hourly rate (CAD)", "max hours per week", "min hours per week"),
        coverage=("weekday", "slot start", "slot end", "role", "people needed"),
        marketing=("week start", "{} spend (CAD)", "visitors", "", "revenue (CAD)"),
    ),
)
