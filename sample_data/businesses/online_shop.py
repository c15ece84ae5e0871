"""An online shop in the United States: four channels, a funnel of visits, leads and sales, weeks from Sunday."""

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

TENTS, METAL, TEXTILE = "Overseas factory", "Domestic metalworks", "Textile supplier"
MON_TO_SAT = (0, 1, 2, 3, 4, 5)

DEMAND = Demand(
    weekday=(1.08, 1.02, 0.98, 0.97, 0.90, 0.96, 1.09),
    months=(0.78, 0.82, 0.92, 1.04, 1.16, 1.22, 1.18, 1.08, 0.94, 0.86, 0.98, 1.04),
    growth=0.08,
    visits=1900,
    lead_rate=0.085,
    elasticity=-1.6,
    peaks=(Peak("Christmas orders", (12, 1), (12, 18), 1.25),),
    category_months={
        "Winter": (1.7, 1.4, 1.0, 0.6, 0.4, 0.3, 0.3, 0.4, 0.8, 1.3, 1.7, 2.0),
        "Camping": (0.6, 0.7, 0.9, 1.1, 1.3, 1.4, 1.35, 1.2, 0.95, 0.75, 0.65, 0.7),
    },
)

ITEMS = (
    Item("Two-person tent", "Camping", 62.0, 149.0, 2.6, TENTS, 60, 0.016, 4, 20),
    Item("Family tent", "Camping", 138.0, 329.0, 0.8, TENTS, 60, 0.042, 2, 10, dispersion=0.2),
    Item("Down sleeping bag", "Camping", 58.0, 139.0, 2.2, TEXTILE, 30, 0.012, 6, 12),
    Item("Sleeping mat", "Camping", 17.0, 49.0, 6.0, TEXTILE, 30, 0.007, 10, 40),
    Item("Camping stove", "Cooking", 19.0, 54.0, 4.2, METAL, 14, 0.003, 12, 24),
    Item("Titanium pot", "Cooking", 16.0, 44.0, 3.4, METAL, 14, 0.002, 12, 24),
    Item("Enamel mug", "Cooking", 3.2, 12.5, 14.0, METAL, 14, 0.0008, 48, 96),
    Item("Folding knife", "Tools", 11.0, 32.0, 5.5, METAL, 14, 0.0003, 24, 48),
    Item("Head torch", "Tools", 9.5, 29.0, 9.0, TENTS, 45, 0.0005, 40, 80),
    Item("Trekking poles", "Hiking", 21.0, 59.0, 4.0, METAL, 21, 0.004, 10, 20),
    Item("Day pack 22 l", "Hiking", 24.0, 69.0, 5.0, TEXTILE, 30, 0.009, 8, 16),
    Item("Water bottle", "Hiking", 5.4, 19.0, 13.0, METAL, 14, 0.0012, 24, 96),
    Item("Rain shell", "Hiking", 33.0, 95.0, 3.0, TEXTILE, 30, 0.003, 10, 20),
    Item("Thermal base layer", "Winter", 14.0, 42.0, 5.2, TEXTILE, 30, 0.0015, 20, 40),
    Item("Snowshoes", "Winter", 48.0, 119.0, 0.9, METAL, 21, 0.018, 4, 8, dispersion=0.3),
    Item("Hand warmer set", "Winter", 3.8, 14.0, 8.0, TENTS, 45, 0.0006, 50, 100),
)

CHANNELS = (
    Channel(
        "Paid search",
        spend=2200,
        decay=0.10,
        max_visits=7200,
        half=1800,
        slope=1.0,
        season_pull=1.0,
        price_push=1.15,
        pauses=((date(2025, 10, 5), date(2025, 10, 18)),),
    ),
    Channel(
        "Social ads",
        spend=1100,
        decay=0.35,
        max_visits=4200,
        half=1200,
        slope=1.6,
        season_pull=0.6,
        promotion_push=1.6,
        pauses=((date(2025, 4, 6), date(2025, 5, 3)),),
    ),
    Channel(
        "Influencers",
        spend=700,
        decay=0.60,
        max_visits=2600,
        half=900,
        slope=2.2,
        season_pull=0.2,
        promotion_push=1.0,
        noise=0.55,
        pauses=((date(2025, 1, 12), date(2025, 2, 15)), (date(2026, 4, 19), date(2026, 5, 23))),
    ),
    Channel(
        "Newsletter",
        spend=500,
        decay=0.0,
        max_visits=2600,
        half=450,
        slope=1.0,
        season_pull=0.0,
        promotion_push=1.5,
        noise=0.5,
    ),
)

PROMOTIONS = (
    Promotion("Black week", date(2024, 11, 25), date(2024, 12, 2), "", 0.20, 1.15, 1.35),
    Promotion("Spring tune-up", date(2025, 4, 7), date(2025, 4, 13), "Camping", 0.15, 1.20, 1.06),
    Promotion("Summer kick-off", date(2025, 6, 16), date(2025, 6, 22), "", 0.10, 1.10, 1.10),
    Promotion("Free mug week", date(2025, 9, 8), date(2025, 9, 14), "Cooking", 0.0, 1.30, 1.04),
    Promotion("Black week", date(2025, 11, 24), date(2025, 12, 1), "", 0.20, 1.15, 1.35),
    Promotion("Spring tune-up", date(2026, 4, 6), date(2026, 4, 12), "Camping", 0.15, 1.20, 1.06),
    Promotion("Summer kick-off", date(2026, 6, 15), date(2026, 6, 21), "", 0.10, 1.10, 1.10),
    Promotion("Free mug week", date(2026, 9, 7), date(2026, 9, 13), "Cooking", 0.0, 1.30, 1.04),
    Promotion("Black week", date(2026, 11, 23), date(2026, 11, 30), "", 0.20, 1.15, 1.35),
)

DESK, DOCK = "08:00-20:00", "07:00-18:00"
PEOPLE = (
    Employee("Packer 1", "Packer", 19.5, 40, 24, week(DOCK, off="Sun")),
    Employee("Packer 2", "Packer", 18.5, 40, 20, week(DOCK, off="Sat Sun")),
    Employee("Packer 3", "Packer", 18.0, 32, 8, week(DOCK, off="Wed Sun")),
    Employee("Packer 4", "Packer", 17.5, 24, 8, week("12:00-18:00", off="Sun", Sat=DOCK)),
    Employee("Support 1", "Customer support", 22.0, 40, 30, week(DESK, off="Sun")),
    Employee("Support 2", "Customer support", 21.0, 40, 20, week(DESK, off="Mon")),
    Employee("Support 3", "Customer support", 20.0, 24, 8, week("14:00-20:00", Sat=DESK, Sun=DESK)),
    Employee("Shop manager 1", "Shop manager", 34.0, 42, 32, week("08:00-18:00", off="Sat Sun")),
)

NEEDS = (
    Need("Packer", MON_TO_SAT, 8, 16, 1),
    Need("Packer", (0, 1, 2, 3, 4), 10, 16, 1),
    Need("Packer", (0,), 12, 16, 1),
    Need("Customer support", (0, 1, 2, 3, 4, 5, 6), 9, 19, 1),
    Need("Customer support", (0,), 14, 18, 1),
    Need("Shop manager", (0, 1, 2, 3, 4), 9, 16, 1),
)

ONLINE_SHOP = Business(
    key="online_shop",
    name="Pinecone Outfitters",
    story="An online shop for camping and hiking in the United States, with four ways of advertising and a funnel.",
    seed=1505,
    currency="USD",
    money="[$$-409]#,##0.00",
    price_step=0.01,
    week_start=6,
    demand=DEMAND,
    holidays=Holidays(
        country="US",
        subdivision=None,
        closed=("New Year's Day", "Thanksgiving Day", "Christmas Day"),
        factor=1.05,
    ),
    items=ITEMS,
    channels=CHANNELS,
    promotions=PROMOTIONS,
    price_change=PriceChange(date(2025, 8, 3), "Head torch", 33.0),
    anomaly=Anomaly("Checkout fault", date(2026, 2, 9), date(2026, 2, 15), "sales", 0.45),
    noise=Noise(traffic=0.03, leads=0.03, day=0.05, dispersion=0.03),
    staffing=Staffing(PEOPLE, 60, NEEDS),
    headers=Headers(
        sales=("order_date", "product", "quantity", "unit_price", "promotion"),
        items=(
            "product",
            "category",
            "unit_cost",
            "unit_price",
            "supplier",
            "lead_time_days",
            "volume_m3",
            "case_pack",
            "minimum_order",
            "on_hand",
        ),
        staff=("employee", "role", "hourly_rate", "max_hours_per_week", "min_hours_per_week"),
        coverage=("weekday", "slot_start", "slot_end", "role", "people_needed"),
        marketing=("week_start", "{} spend", "visits", "leads", "revenue"),
    ),
)
