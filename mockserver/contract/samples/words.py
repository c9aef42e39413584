"""The words that samples are made of."""

from collections.abc import Sequence


def listed(words: str) -> Sequence[str]:
    """Give the words of a text."""
    return tuple(words.split())


def _lines(text: str) -> Sequence[str]:
    return tuple(line.strip() for line in text.strip().splitlines())


GIVEN = listed("""
Ada Amara Anika Arjun Astrid Beatriz Benoit Carlos Chiara Clara Daniel Dalia Diego Edith Elena
Elias Emeka Emma Farah Felix Fiona Gabriel Grace Hana Henrik Hugo Ines Ivan Jonas Julia Kaito
Karim Katya Laila Lars Lena Leon Lucia Maja Marco Mariam Mateo Mei Mila Nadia Naomi Nils Noah Olga
Omar Oscar Paula Petra Priya Rafael Rosa Ruben Samir Sara Simon Sofia Sven Tara Theo Tomas Vera
Victor Yara Yusuf Zoe
""")
FAMILY = listed("""
Adeyemi Almeida Andersen Bakker Banerjee Bauer Bennett Bianchi Brennan Castillo Chen Costa Dubois
Eriksen Ferrari Fischer Fontaine Fujita Garcia Gruber Gupta Haddad Hansen Herrera Hughes Ibarra
Ivanova Jansen Johansson Kaplan Keller Khalil Kim Kovacs Laurent Lindqvist Lopez Marchetti Mendes
Meyer Mikkelsen Moreau Moretti Mwangi Nakamura Navarro Nguyen Novak Okafor Olsen Osman Park Patel
Pereira Petrov Quinn Rahman Reyes Romano Rossi Santos Sato Schneider Sharma Silva Sousa Suzuki
Tanaka Torres Varga Vogel Walsh Weber Yilmaz Zeller
""")
COMPANIES = listed("""
Alder Amberline Arden Birchwood Bluewater Brightwell Cedarbank Clearfield Cobalt Copperfield
Crestline Eastgate Elmhurst Fairlight Fernhill Foxglove Greenway Harbourside Hawthorn Highland
Ironbridge Juniper Kestrel Lakeside Larkspur Lighthouse Linden Maplewood Meridian Milestone
Northwind Oakfield Orchard Pinecrest Redstone Riverside Rosewood Silverlake Stonebridge Summit
Sunfield Tidewater Willow Westbrook
""")
TRADES = listed(
    "Logistics Foods Systems Works Partners Textiles Energy Studio Labs Trading Health Design Media"
)
ADJECTIVES = listed("""
Amber Autumn Blue Bright Calm Classic Clear Copper Cosy Early Evening Fresh Golden Grand Green
Hidden Little Modern Morning Northern Old Open Quiet Red Royal Silver Simple Small Southern Spring
Summer Sunny Urban Warm White Wild Winter
""")
NOUNS = listed("""
Anchor Bay Beacon Bridge Brook Canvas Cove Crown Falls Field Forest Garden Gate Grove Harbour
Haven Hill Horizon Island Lantern Meadow Mill Moon Orchard Path Peak Pearl Pine Pond Ridge River
Sail Shore Sky Stone Studio Terrace Trail Valley View Willow Window
""")
# Lower-case words that may stand for a tag, a label, a keyword or a code.
TERMS = listed("""
alpha amber anchor apple atlas autumn basic beacon birch bridge canvas cedar central classic cloud
copper coral delta ember field garden granite green harbour hazel indigo ivory island juniper
lantern linen maple marble meadow mint north olive orchard pearl pine plain prime quartz river
saffron sierra silver south spring standard stone summer terra valley velvet walnut willow winter
""")
SENTENCES = _lines("""
A short overview of what is included and how it is used.
Available from next week; please check the details before you confirm.
Reviewed and approved by the team.
Please contact us if anything needs to be changed.
The most popular choice this season.
Added at the request of the customer.
Updated after the last review; nothing else has changed.
All details were checked, and everything is in order.
Includes everything that is needed to get started.
Prepared for the spring campaign.
Needs a second look before it goes out.
Works best together with the standard plan.
Moved from the old system, with its full history.
The order is packed and will leave the warehouse tomorrow.
Everything went as planned.
""")
MESSAGES = _lines("""
Your request was received.
All done; there is nothing left to do.
Please check the details and try again.
The change was saved.
Everything is in order.
""")
PETS = listed(
    "Bella Biscuit Bruno Charlie Coco Daisy Luna Max Milo Nala Oscar Pepper Rocky Rosie Ruby Simba Teddy"
)
TITLES = _lines("""
Quarterly review
Welcome on board
Plans for the spring
Summer schedule
Notes from the workshop
Budget for next year
A new way to work
First steps
Changes to the timetable
Monthly report
Invitation to the opening
Road map
Customer survey
Update of the price list
Meeting in the north wing
Answers to common questions
Checklist for the launch
Results of the last round
""")
STREETS = listed("""
Alder Baker Bridge Castle Cedar Chapel Church Elm Garden Harbour High King Lake Linden Maple
Market Meadow Mill North Oak Orchard Park Queen River Rose School Station Sunset Victoria Water
Willow
""")
# City, state or region, its code, postal code, country, its codes, latitude, longitude, time zone, locale,
# currency, calling code.
PLACES = tuple(
    tuple(line.split("|"))
    for line in _lines("""
    Lisbon|Lisboa|LI|1200-195|Portugal|PT|PRT|38.7223|-9.1393|Europe/Lisbon|pt-PT|EUR|+351
    Berlin|Berlin|BE|10115|Germany|DE|DEU|52.5200|13.4050|Europe/Berlin|de-DE|EUR|+49
    Munich|Bavaria|BY|80331|Germany|DE|DEU|48.1351|11.5820|Europe/Berlin|de-DE|EUR|+49
    Lyon|Rhone|RH|69001|France|FR|FRA|45.7640|4.8357|Europe/Paris|fr-FR|EUR|+33
    Madrid|Madrid|MD|28001|Spain|ES|ESP|40.4168|-3.7038|Europe/Madrid|es-ES|EUR|+34
    Turin|Piedmont|TO|10121|Italy|IT|ITA|45.0703|7.6869|Europe/Rome|it-IT|EUR|+39
    Utrecht|Utrecht|UT|3511|Netherlands|NL|NLD|52.0907|5.1214|Europe/Amsterdam|nl-NL|EUR|+31
    Vienna|Vienna|WI|1010|Austria|AT|AUT|48.2082|16.3738|Europe/Vienna|de-AT|EUR|+43
    Aarhus|Jutland|JY|8000|Denmark|DK|DNK|56.1629|10.2039|Europe/Copenhagen|da-DK|DKK|+45
    Bergen|Vestland|VL|5003|Norway|NO|NOR|60.3913|5.3221|Europe/Oslo|nb-NO|NOK|+47
    Dublin|Leinster|LE|94568|Ireland|IE|IRL|53.3498|-6.2603|Europe/Dublin|en-IE|EUR|+353
    Bristol|England|EN|BS1 4DJ|United Kingdom|GB|GBR|51.4545|-2.5879|Europe/London|en-GB|GBP|+44
    Portland|Oregon|OR|97201|United States|US|USA|45.5152|-122.6784|America/Los_Angeles|en-US|USD|+1
    Denver|Colorado|CO|80202|United States|US|USA|39.7392|-104.9903|America/Denver|en-US|USD|+1
    Austin|Texas|TX|78701|United States|US|USA|30.2672|-97.7431|America/Chicago|en-US|USD|+1
    Halifax|Nova Scotia|NS|B3J 1A1|Canada|CA|CAN|44.6488|-63.5752|America/Halifax|en-CA|CAD|+1
    Osaka|Osaka|OS|530-0001|Japan|JP|JPN|34.6937|135.5023|Asia/Tokyo|ja-JP|JPY|+81
    Wellington|Wellington|WG|6011|New Zealand|NZ|NZL|-41.2865|174.7762|Pacific/Auckland|en-NZ|NZD|+64
    """)
)
COLOURS = listed("amber blue coral crimson gold green indigo ivory olive orange purple silver teal white")
LANGUAGES = tuple(
    line.split("|")
    for line in _lines("""
    en|eng|English
    de|deu|German
    fr|fra|French
    es|spa|Spanish
    it|ita|Italian
    pt|por|Portuguese
    nl|nld|Dutch
    ja|jpn|Japanese
""")
)
MIME_TYPES = listed("application/json application/pdf image/jpeg image/png text/csv text/plain")
EXTENSIONS = listed("csv docx jpg pdf png txt xlsx")
STATUSES = listed("active pending completed approved open closed")
JOBS = _lines("""
Accountant
Customer advisor
Designer
Engineer
Head of operations
Librarian
Office manager
Product manager
Sales representative
Teacher
""")
DEPARTMENTS = listed(
    "Accounting Design Engineering Finance Legal Marketing Operations Research Sales Support"
)
AGENTS = _lines("""
Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0
Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:146.0) Gecko/20100101 Firefox/146.0
""")
