"""What the US-China record does not know, in plain words."""

from __future__ import annotations

from tools.us_china_goods import GUESS, Goods

_FIRST = (
    "Both sides announced that the truce runs on to 2027-01-10 (23 and 28 September 2026), but "
    "no instrument of either was found: it stands here as a promise (washington-extension), so "
    "on 2026-11-10 China's 24 points return, the 178 exclusions lapse and the 100 % on cranes "
    "and chassis begins.",
)
_LAW = (
    "In-transit rules are not computed: goods already shipped were spared at nearly every step, "
    "so rates read high in the first weeks of each.",
    "De minimis and postal duties, per-item alternatives and per-ton port fees are milestones, "
    "not rates.",
    "Rates between 20 and 24 February 2026 are those collected; the duties were void by the "
    "ruling of the 20th, and refunds are not modelled.",
    "Measures on all origins are stated for all origins, but exemptions, quotas, deals and the "
    "duties on other countries are not in this record: use it for goods of mainland China, Hong "
    "Kong and Macau, and for Chinese imports from the United States.",
    "Whether the fentanyl duty reached semiconductors under Section 232 is contested: it is "
    "added here.",
    "The 100 % on cranes reaches cranes of any origin with Chinese parts; here it is on Chinese "
    "origin. Collection on its one day, 9 November 2025, was not seen.",
    "China's duties of March 2025 on farm goods were stopped by China's notice, while the US "
    "order calls them suspended to 2026-12-31: they end here.",
    "No source read names the legal basis of the 100 % announced on 10 October 2025 "
    "(us-threat-100): its authority reads Threat, also once a scenario enacts it, so taking out "
    "an authority such as IEEPA leaves it; it is added to all other duties.",
    "The end of China's waiver process is 2026-12-31 by the US fact sheet and 2026-11-10 by the "
    "US order: the former stands here.",
    "The 30-for-30 cuts have lists but no rate and no force; the lists are not at hand, and "
    "headings stand for their words.",
    "Part of a good may bear a US-origin share (20 % rule of the reciprocal duty, 10 % tier of "
    "the metals annexes): not modelled.",
    "Enteral syringes, exempt to 1 January 2026, are charged with the line that holds them from "
    "27 September 2024.",
    "China's autos were first suspended to 31 March 2019 and then without end: here without end "
    "from the first.",
    "The day of the notice that shelved List 3's step in 2019, of the exclusions' extensions and "
    "of the Section 201 steps is to be checked against the notice.",
)
_LISTS = (
    "The forced-labor duty's list of exemptions (Annex II, some 2,100 codes) was not at hand: "
    "the list of Section 122 stands for it.",
    "Exclusions (164 and 14 US ones, China's lists and importers' waivers) are defined in words "
    "or not published: they waive nothing under the default assumptions. In practice waivers "
    "lift most of China's duties of 2018-20 on farm goods and energy.",
    "The versions of Annex II of April, September and October 2025 are reconstructed.",
    "The moves of 8 June 2026 among the metals annexes (62 codes, farm equipment and HVAC to the "
    "15 % floor) and Annex I-C are not at hand: these goods stay where April put them.",
    "The lists of Section 232 on patented drugs, drones and polysilicon came after the edition "
    "read: scope by heading, share unknown (drugs: assumed none of Chinese origin).",
    "Quartz surface products: quota and rates were not opened, so the duty is unknown.",
    "Parts of washing machines under Section 201 have rates of their own and are left out.",
    "Before 2026-04-06 the articles of chapters 73, 74 and 76 are taken to be all metal; on "
    "other derivatives metal content is an estimate by industry.",
    f"Lines of which the law names a part in words bear an assumed share, {GUESS:g} where no "
    "source measures it; computers and most lithium batteries are taken not to be vehicle parts.",
    "Informational materials (books, films, records, works of art; 50 USC 1702(b)) are exempt "
    "from the IEEPA duties by their nature, which no list of codes tells: their lines are charged "
    "here.",
    "A citation names every document read for a row, also later ones; as known on a day, acts "
    "are those of that day, citations are not.",
    "Civil aircraft, particular articles and pharmaceutical use are exempt by use within lines "
    "charged whole.",
    "The China side is at six digits. Its duties of 2018-20 are read off a table of the highest "
    "rate among the lines of each subheading, so they read high where a list holds only part of "
    "one; {averages} subheadings carry a rate that is no list rate.",
    "China's batch 2 of December 2019, never charged, has no list here.",
    "China's 72 lines of 10 February 2025 are known by 48 subheadings from one reader's "
    "transcription; items 466 to 485 of its list of 4 March 2025 are missing.",
    "An exclusion of three plastics from 2019-12-26 is taken to have run one year.",
    "China's MFN is that of 2018 and of 1 January 2019; later changes are not known here. "
    "{bounce} interim rates of late 2018 are left as they were before.",
    "US MFN is one edition for all days; {other} lines with specific or compound duties are "
    "unknown in their base.",
    "China's imports are weighted by US exports, of 2017 or 2020.",
)


def known_gaps(goods: Goods, assumed: list[str]) -> list[str]:
    """The sentences, the first being that which matters most at the data date."""
    counts = {
        "averages": len(goods.cn.averages),
        "bounce": len(goods.cn.mfn_bounce),
        "other": len(goods.mfn.other),
    }
    dead = goods.dead()
    said = [*_FIRST, *_LAW, *(s.format(**counts) for s in _LISTS)]
    if dead:
        lists = ", ".join(f"{name} {n}" for name, n in dead.items())
        said.append(f"Codes of lists under which the edition has no line: {lists}.")
    if assumed:
        said.append(
            "Days of enactment not found and taken to be the first day: "
            + ", ".join(sorted(assumed))
            + "."
        )
    return said
