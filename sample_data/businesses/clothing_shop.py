"""A clothing shop in an English town: seasons that turn, slow sizes, closed on Sundays."""

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

MILL, ATELIER, IMPORT = "Yorkshire mill", "Coastal atelier", "Import agent"
MON_TO_SAT = (0, 1, 2, 3, 4, 5)
SHOP = "09:00-18:00"

DEMAND = Demand(
    weekday=(0.78, 0.82, 0.88, 0.96, 1.10, 1.46, 0.0),
    months=(0.88, 0.84, 0.94, 1.00, 1.02, 1.00, 0.98, 0.90, 1.00, 1.04, 1.12, 1.28),
    growth=0.05,
    visits=150,
    lead_rate=None,
    elasticity=-1.8,
    peaks=(Peak("Christmas shopping", (12, 6), (12, 24), 1.25),),
    category_months={
        "Outerwear": (1.4, 1.2, 0.9, 0.6, 0.4, 0.3, 0.3, 0.5, 1.2, 1.8, 1.9, 1.5),
        "Knitwear": (1.4, 1.2, 1.0, 0.7, 0.5, 0.3, 0.3, 0.5, 1.1, 1.5, 1.7, 1.8),
        "Summer": (0.2, 0.4, 0.9, 1.4, 1.8, 2.0, 1.8, 1.3, 0.7, 0.3, 0.2, 0.2),
    },
)

ITEMS = (
    Item("Merino jumper", "Knitwear", 24.0, 59.0, 3.2, MILL, 21, 3.0, 6, 12),
    Item("Lambswool cardigan", "Knitwear", 27.0, 69.0, 1.9, MILL, 21, 3.2, 6, 12),
    Item("Cashmere roll neck", "Knitwear", 62.0, 149.0, 0.25, MILL, 35, 2.8, 2, 4, dispersion=1.2),
    Item("Waxed jacket", "Outerwear", 68.0, 169.0, 0.7, ATELIER, 28, 9.0, 4, 8, dispersion=0.4),
    Item("Wool coat", "Outerwear", 82.0, 199.0, 0.45, ATELIER, 28, 11.0, 2, 4, dispersion=0.5),
    Item("Rain parka", "Outerwear", 34.0, 89.0, 1.1, IMPORT, 45, 7.0, 6, 12),
    Item("Linen dress", "Summer", 26.0, 75.0, 1.8, ATELIER, 21, 2.5, 4, 8),
    Item("Cotton sundress", "Summer", 18.0, 49.0, 2.4, IMPORT, 45, 2.0, 6, 24),
    Item("Linen shorts", "Summer", 14.0, 39.0, 2.0, IMPORT, 45, 1.4, 6, 24),
    Item("Oxford shirt", "Shirts", 15.0, 45.0, 4.6, IMPORT, 45, 1.5, 12, 24),
    Item("Striped T-shirt", "Shirts", 6.5, 22.0, 8.5, IMPORT, 45, 0.9, 12, 48),
    Item("Silk blouse", "Shirts", 36.0, 95.0, 0.35, ATELIER, 21, 1.3, 2, 4, dispersion=1.0),
    Item("Straight jeans", "Trousers", 23.0, 65.0, 4.2, IMPORT, 45, 2.4, 8, 24),
    Item("Wide-leg trousers", "Trousers", 21.0, 59.0, 2.1, ATELIER, 21, 2.2, 6, 12),
    Item("Corduroy trousers", "Trousers", 22.0, 59.0, 1.2, MILL, 21, 2.4, 6, 12),
    Item("Leather belt", "Accessories", 9.0, 29.0, 2.2, ATELIER, 21, 0.6, 10, 20),
    Item("Wool scarf", "Accessories", 8.0, 27.0, 2.6, MILL, 21, 0.9, 10, 20),
    Item("Bamboo socks", "Accessories", 1.9, 8.0, 11.0, IMPORT, 30, 0.25, 24, 96),
    Item("Silk tie", "Accessories", 13.0, 39.0, 0.15, ATELIER, 21, 0.3, 5, 5, dispersion=1.5),
    Item("Leather gloves", "Accessories", 17.0, 45.0, 0.3, ATELIER, 28, 0.5, 5, 10, dispersion=1.0),
    Item("Felt hat", "Accessories", 16.0, 49.0, 0.12, MILL, 28, 4.0, 2, 4, dispersion=1.5),
)

CHANNELS = (
    Channel(
        "Instagram",
        spend=260,
        decay=0.30,
        max_visits=210,
        half=280,
        slope=1.3,
        season_pull=0.8,
        pauses=((date(2025, 3, 3), date(2025, 3, 30)), (date(2026, 6, 1), date(2026, 6, 21))),
    ),
    Channel(
        "Leaflets",
        spend=140,
        decay=0.50,
        max_visits=110,
        half=200,
        slope=1.0,
        season_pull=0.4,
        pauses=((date(2025, 7, 7), date(2025, 8, 3)),),
    ),
    Channel("Search ads", spend=120, decay=0.05, max_visits=120, half=110, slope=1.0, season_pull=1.0),
)

PROMOTIONS = (
    Promotion("Black Friday", date(2024, 11, 28), date(2024, 11, 30), "", 0.20, 1.20, 1.25),
    Promotion("Winter sale", date(2025, 1, 6), date(2025, 1, 18), "Outerwear", 0.30, 1.15, 1.08),
    Promotion("Summer sale", date(2025, 7, 14), date(2025, 7, 26), "Summer", 0.25, 1.15, 1.06),
    Promotion("Denim days", date(2025, 9, 15), date(2025, 9, 20), "Trousers", 0.15, 1.25, 1.04),
    Promotion("Black Friday", date(2025, 11, 27), date(2025, 11, 29), "", 0.20, 1.20, 1.25),
    Promotion("Winter sale", date(2026, 1, 5), date(2026, 1, 17), "Outerwear", 0.30, 1.15, 1.08),
    Promotion("Summer sale", date(2026, 7, 13), date(2026, 7, 25), "Summer", 0.25, 1.15, 1.06),
    Promotion("Denim days", date(2026, 9, 14), date(2026, 9, 19), "Trousers", 0.15, 1.25, 1.04),
    Promotion("Black Friday", date(2026, 11, 26), date(2026, 11, 28), "", 0.20, 1.20, 1.25),
)

PEOPLE = (
    Employee("Shift lead 1", "Shift lead", 15.8, 40, 27, week(SHOP, off="Sun")),
    Employee("Shift lead 2", "Shift lead", 15.2, 32, 9, week(SHOP, off="Mon Sun")),
    Employee("Assistant 1", "Sales assistant", 12.9, 40, 20, week(SHOP, off="Sun")),
    Employee("Assistant 2", "Sales assistant", 12.6, 30, 12, week(SHOP, off="Tue Sun")),
    Employee("Assistant 3", "Sales assistant", 12.6, 24, 8, week(SHOP, off="Wed Sun", Fri="13:00-18:00")),
    Employee("Assistant 4", "Sales assistant", 12.2, 16, 0, week("", Thu="14:00-18:00", Fri="14:00-18:00", Sat=SHOP)),
    Employee("Assistant 5", "Sales assistant", 12.2, 9, 0, week("", Sat=SHOP)),
)

NEEDS = (
    Need("Shift lead", MON_TO_SAT, 9, 18, 1),
    Need("Sales assistant", MON_TO_SAT, 10, 17, 1),
    Need("Sales assistant", (4,), 12, 17, 1),
    Need("Sales assistant", (5,), 9, 18, 2),
)

CLOTHING_SHOP = Business(
    key="clothing_shop",
    name="Harbour & Thread",
    story="A clothing shop in an English seaside town, closed on Sundays, with many slow items among a few quick ones.",
    seed=1202,
    currency="GBP",
    money="[$£-809]#,##0.00",
    price_step=0.01,
    week_start=0,
    demand=DEMAND,
    holidays=Holidays(
        country="GB",
        subdivision="ENG",
        closed=("New Year's Day", "Good Friday", "Easter Monday", "Christmas Day", "Boxing Day"),
        factor=1.15,
        eve=1.1,
    ),
    items=ITEMS,
    channels=CHANNELS,
    promotions=PROMOTIONS,
    price_change=PriceChange(date(2025, 10, 6), "Striped T-shirt", 25.0),
    anomaly=Anomaly("Street works", date(2025, 5, 6), date(2025, 6, 2), "traffic", 0.72),
    noise=Noise(traffic=0.05, leads=0.0, day=0.08, dispersion=0.08),
    staffing=Staffing(PEOPLE, 60, NEEDS, availability="text"),
    headers=Headers(
        sales=("Sale date", "Article", "Qty sold", "Price (GBP)", "Promo"),
        items=(
            "Article",
            "Product group",
            "Cost price (GBP)",
            "Price (GBP)",
            "Supplier",
            "Lead time (days)",
            "Volume (litres)",
            "Case pack",
            "Minimum order",
            "Stock on hand",
        ),
        staff=("Employee", "Role", "Rate per hour (GBP)", "Max hours/week", "Min hours/week"),
        coverage=("Weekday", "From", "To", "Role", "People needed"),
        marketing=("Week commencing", "{} spend (GBP)", "Footfall", "", "Revenue (GBP)"),
    ),
)
