"""What each business is, as data."""

from sample_data.business import Business
from sample_data.businesses.bakery import BAKERY
from sample_data.businesses.cafe import CAFE
from sample_data.businesses.clinic import CLINIC
from sample_data.businesses.clothing_shop import CLOTHING_SHOP
from sample_data.businesses.online_shop import ONLINE_SHOP

BUSINESSES: tuple[Business, ...] = (BAKERY, CLOTHING_SHOP, CLINIC, CAFE, ONLINE_SHOP)
