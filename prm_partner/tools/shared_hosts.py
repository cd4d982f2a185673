"""Domains that many companies have in common, so that they say nothing about one."""

from odoo.addons.iap.tools.iap_tools import _MAIL_DOMAIN_BLACKLIST

# Providers of free mail that Odoo's list does not have.
_MAIL_HOSTS = """
    1und1.de mail.de mailbox.org hispeed.ch a1.net aon.at chello.at pec.it aruba.it tim.it
    fastwebnet.it terra.es telefonica.net movistar.es onet.pl interia.pl gazeta.pl poczta.fm
    email.cz centrum.cz volny.cz atlas.cz post.cz yandex.kz yandex.by i.ua meta.ua bigmir.net
    mail.kz mail.bg dir.bg daum.net kakao.com docomo.ne.jp ezweb.ne.jp softbank.ne.jp nifty.com
    biglobe.ne.jp ocn.ne.jp walla.co.il walla.com netvision.net.il 012.net.il bezeqint.net
    zahav.net.il hey.com fastmail.com tutanota.com globo.com hotmail.com.br outlook.com.br
    virginmedia.com talktalk.net ntlworld.com blueyonder.co.uk charter.net earthlink.net
    telia.com spray.se bredband.net comhem.se swipnet.se kpnmail.nl planet.nl hetnet.nl
    upcmail.nl proximus.be mynet.com superonline.com ttmail.com hotmail.com.tr otenet.gr hol.gr
    forthnet.gr in.gr emirates.net.ae
"""
# Pages on these hosts belong to many companies.
_PAGE_HOSTS = """
    facebook.com instagram.com linkedin.com twitter.com x.com youtube.com tiktok.com vk.com ok.ru
    t.me wa.me whatsapp.com google.com goo.gl linktr.ee xing.com github.com gitlab.com medium.com
    etsy.com ebay.com ebay.de amazon.com amazon.de pinterest.com yelp.com tripadvisor.com
    booking.com bit.ly taplink.cc avito.ru 2gis.ru 2gis.kz alibaba.com
"""
# Hosts of websites: the company is what stands before them.
_SITE_HOSTS = """
    jimdo.com jimdofree.com wordpress.com business.site squarespace.com tilda.ws ucoz.ru narod.ru
    nethouse.ru webnode.cz webnode.com godaddysites.com strikingly.com site123.me t-online.de
    pagesperso-orange.fr ecwid.com tripod.com over-blog.com cafe24.com modoo.at negocio.site
    ueniweb.com page.tl carrd.co wix.com prom.ua deal.by satu.kz uaprom.net
"""

MAIL_HOSTS = frozenset(_MAIL_DOMAIN_BLACKLIST) | frozenset(_MAIL_HOSTS.split())
PAGE_HOSTS = frozenset(_PAGE_HOSTS.split())
SITE_HOSTS = frozenset(_SITE_HOSTS.split())
