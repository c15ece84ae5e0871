"""A walk-in clinic in Zurich: appointments instead of goods, one material kit each, closed at weekends."""

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
    PriceChange,
    Promotion,
    Staffing,
    week,
)

LAB, PHARMA, WARD = "Lab supplier", "Pharma wholesaler", "Ward supplies"
MON_TO_FRI = (0, 1, 2, 3, 4)
WORKDAY = "07:30-18:30"
OFFICE = week(WORKDAY, off="Sat Sun")

DEMAND = Demand(
    weekday=(1.18, 1.04, 0.96, 0.98, 0.84, 0.0, 0.0),
    months=(1.14, 1.12, 1.05, 1.00, 0.97, 0.92, 0.80, 0.84, 1.00, 1.08, 1.10, 0.98),
    growth=0.06,
    visits=420,
    lead_rate=0.16,
    elasticity=-0.8,
    category_months={"Vaccination": (0.7, 0.7, 0.8, 0.9, 1.0, 1.1, 0.9, 0.7, 0.9, 1.7, 1.8, 1.0)},
)

ITEMS = (
    Item("First consultation", "Consultation", 4.2, 145.0, 9.5, WARD, 5, 0.8, 25, 50),
    Item("Follow-up consultation", "Consultation", 3.1, 95.0, 15.0, WARD, 5, 0.6, 25, 50),
    Item("Blood test", "Diagnostics", 11.5, 68.0, 12.0, LAB, 7, 0.5, 50, 100, 365),
    Item("ECG", "Diagnostics", 6.8, 110.0, 3.2, LAB, 7, 0.4, 20, 20, 540),
    Item("Skin check", "Diagnostics", 5.4, 125.0, 2.8, WARD, 5, 0.5, 10, 20),
    Item("Flu vaccination", "Vaccination", 16.0, 45.0, 4.5, PHARMA, 10, 0.12, 10, 30, 240, 0.12),
    Item("Travel vaccination", "Vaccination", 38.0, 92.0, 1.6, PHARMA, 14, 0.12, 5, 10, 300, 0.25),
    Item("Wound care", "Treatment", 9.2, 78.0, 4.2, WARD, 5, 1.6, 12, 24, 720),
    Item("Physiotherapy", "Therapy", 2.4, 84.0, 18.0, WARD, 5, 0.9, 30, 30),
    Item("Minor surgery", "Treatment", 46.0, 390.0, 0.5, WARD, 9, 6.0, 2, 4, 720, 0.5),
)

CHANNELS = (
    Channel(
        "Search ads",
        spend=900,
        decay=0.10,
        max_visits=620,
        half=900,
        slope=1.0,
        season_pull=0.7,
        pauses=((date(2025, 6, 30), date(2025, 7, 20)),),
    ),
    Channel(
        "Local radio",
        spend=650,
        decay=0.55,
        max_visits=340,
        half=750,
        slope=1.8,
        season_pull=0.3,
        pauses=((date(2025, 3, 31), date(2025, 4, 27)), (date(2026, 5, 4), date(2026, 5, 31))),
    ),
    Channel(
        "Direct mail",
        spend=320,
        decay=0.30,
        max_visits=160,
        half=380,
        slope=1.0,
        season_pull=0.5,
        pauses=((date(2025, 9, 1), date(2025, 9, 21)),),
    ),
)

PROMOTIONS = (
    Promotion("Flu weeks", date(2024, 10, 14), date(2024, 10, 25), "Flu vaccination", 0.20, 1.45, 1.03),
    Promotion("Skin check month", date(2025, 5, 5), date(2025, 5, 23), "Skin check", 0.15, 1.35, 1.02),
    Promotion("Flu weeks", date(2025, 10, 13), date(2025, 10, 24), "Flu vaccination", 0.20, 1.45, 1.03),
    Promotion("Skin check month", date(2026, 5, 4), date(2026, 5, 22), "Skin check", 0.15, 1.35, 1.02),
    Promotion("Flu weeks", date(2026, 10, 12), date(2026, 10, 23), "Flu vaccination", 0.20, 1.45, 1.03),
)

PEOPLE = (
    Employee("Physician 1", "Physician", 92, 42, 28, OFFICE),
    Employee("Physician 2", "Physician", 88, 34, 16, week(WORKDAY, off="Wed Sat Sun")),
    Employee("Physician 3", "Physician", 84, 25, 8, week(WORKDAY, off="Mon Fri Sat Sun")),
    Employee("Nurse 1", "Nurse", 46, 42, 28, OFFICE),
    Employee("Nurse 2", "Nurse", 44, 42, 20, OFFICE),
    Employee("Nurse 3", "Nurse", 43, 25, 8, week(WORKDAY, off="Tue Sat Sun")),
    Employee("Physiotherapist 1", "Physiotherapist", 52, 42, 30, OFFICE),
    Employee("Physiotherapist 2", "Physiotherapist", 49, 34, 16, week(WORKDAY, off="Fri Sat Sun")),
    Employee("Reception 1", "Reception", 36, 42, 30, OFFICE),
    Employee("Reception 2", "Reception", 34, 25, 12, week("07:30-14:00", off="Sat Sun")),
    Employee("Reception 3", "Reception", 34, 20, 8, week("12:00-18:30", off="Wed Sat Sun")),
)

NEEDS = (
    Need("Physician", MON_TO_FRI, 8, 18, 1),
    Need("Physician", MON_TO_FRI, 9, 13, 1),
    Need("Nurse", MON_TO_FRI, 8, 18, 1),
    Need("Nurse", (0, 1, 2, 3), 8, 13, 1),
    Need("Nurse", (0,), 13, 16, 1),
    Need("Physiotherapist", MON_TO_FRI, 9, 17, 1),
    Need("Physiotherapist", (0, 1, 2, 3), 10, 15, 1),
    Need("Reception", MON_TO_FRI, 8, 18, 1),
    Need("Reception", (0, 1), 8, 12, 1),
)

CLINIC = Business(
    key="clinic",
    name="Lindenhof Walk-in Clinic",
    story="A walk-in clinic in Zurich, closed at weekends; what it sells are appointments, each with a material kit.",
    seed=1303,
    currency="CHF",
    money="[$CHF] #,##0.00",
    price_step=0.05,
    week_start=0,
    demand=DEMAND,
    holidays=Holidays(country="CH", subdivision="ZH", eve=0.8),
    items=ITEMS,
    channels=CHANNELS,
    promotions=PROMOTIONS,
    price_change=PriceChange(date(2026, 1, 5), "Physiotherapy", 105.0),
    anomaly=Anomaly("Physiotherapist on sick leave", date(2025, 11, 10), date(2025, 11, 28), "Therapy", 0.45),
    noise=Noise(traffic=0.04, leads=0.04, day=0.05, dispersion=0.02),
    staffing=Staffing(PEOPLE, 60, NEEDS),
    headers=Headers(
        sales=("Day", "Service", "Appointments", "Price (CHF)", "Promotion"),
        items=(
            "Service",
            "Category",
            "Kit cost (CHF)",
            "Price (CHF)",
            "Kit supplier",
            "Lead time (days)",
            "Kit volume (litres)",
            "Kits per case",
            "Minimum order (kits)",
            "Kits on hand",
            "Shelf life (days)",
        ),
        staff=("Employee", "Role", "Hourly rate (CHF)", "Max hours per week", "Min hours per week"),
        coverage=("Weekday", "Start", "End", "Role", "People needed"),
        marketing=("Week start", "{} spend (CHF)", "Website visits", "Leads (enquiries)", "Revenue (CHF)"),
    ),
)
