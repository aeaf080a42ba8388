"""The gallery: Antiphon alone in a room for months, with opening hours, and a hand that wanders where there is none."""
