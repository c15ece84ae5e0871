"""The header words of the trade, in English, German, French, Spanish, Italian, Dutch, Portuguese and Polish."""

from collections.abc import Mapping

from engine.dataset import ColumnRole

R = ColumnRole

# Lower case, without accents. Where two roles share a word, the role that comes first here has it.
HEADER_WORDS: Mapping[ColumnRole, str] = {
    R.DATE: """
        date, day, day index, order date, sale date, sales date, invoice date, transaction date, week, month,
        week start, week starting, week of, period, time, timestamp, datetime, hour, datum, tag, monat, woche,
        verkaufsdatum, rechnungsdatum, jour, mois, semaine, date de vente, fecha, dia, mes, semana, fecha de
        venta, data, giorno, mese, settimana, data vendita, dag, maand, verkoopdatum, data da venda, dzien,
        miesiac, tydzien, data sprzedazy, posting date, booking date, week commencing, bestelldatum,
        lieferdatum, buchungstag, buchungsdatum, factuurdatum, besteldatum, date facture, date de commande,
        fecha factura, fecha de pedido, fecha pedido, data ordine, data fattura, data pedido, data do pedido,
        data de venda, data zamowienia, data faktury
    """,
    R.ITEM: """
        item, product, article, sku, item name, product name, item code, product code, article number, menu
        item, dish, description, product description, item description, title, service, treatment, style,
        artikel, produkt, ware, artikelnummer, artikelbezeichnung, bezeichnung, leistung, produit, designation,
        libelle, reference, producto, articulo, descripcion, servicio, prodotto, articolo, descrizione,
        servizio, artikelnaam, omschrijving, produto, artigo, descricao, servico, towar, artykul, nazwa, nazwa
        produktu, opis, usluga, wyrob, artikelname, produktname, warenbezeichnung, nom du produit, nombre del
        producto, referencia, nome prodotto, productnaam, nome do produto, nazwa towaru, dienstleistung,
        dienstleistungen
    """,
    R.CATEGORY: """
        category, product category, group, product group, department, type, family, class, kategorie,
        warengruppe, gruppe, abteilung, categorie, famille, rayon, categoria, grupo, familia, gruppo, reparto,
        groep, afdeling, kategoria, grupa, produktgruppe, groupe, groupe de produits, departamento, famiglia,
        productgroep, artikelgroep, dzial, grupa towarowa, seccion, secao
    """,
    R.STORE: """
        store, shop, branch, location, site, outlet, region, warehouse, filiale, standort, laden, geschaft,
        lager, magasin, boutique, lieu, succursale, tienda, sucursal, almacen, ubicacion, negozio, punto
        vendita, sede, magazzino, winkel, filiaal, vestiging, locatie, loja, armazem, sklep, oddzial,
        lokalizacja, magazyn, point de vente, etablissement, local, establecimiento, punto de venta,
        estabelecimento, filial, placowka, zweigstelle
    """,
    R.QUANTITY: """
        quantity, qty, units, units sold, sold, quantity sold, qty sold, items sold, pieces, pcs, count, volume
        sold, sales units, unit sales, demand, portions, covers, visits booked, appointments, menge, anzahl,
        stuck, stueck, stuckzahl, verkauft, verkaufte menge, absatz, quantite, qte, vendu, vendus, quantite
        vendue, nombre, cantidad, cant, unidades, vendido, vendidas, unidades vendidas, quantita, qta, pezzi,
        venduto, venduti, quantita venduta, aantal, hoeveelheid, stuks, verkocht, aantal verkocht, quantidade,
        qtd, vendidos, quantidade vendida, ilosc, sztuki, szt, sprzedano, liczba sztuk, sprzedana ilosc, number
        sold, no of units, stk, unites, uds, ud, pz, qtde, q ta, verkaufte stuck, verkaufte einheiten,
        quantites, cantidades, aantallen
    """,
    R.REVENUE: """
        revenue, sales, turnover, amount, amt, total, total amount, net sales, gross sales, sales amount, total
        sales, line total, ext price, extended price, total price, takings, income, value, sales value, total
        cost, receipts, total value, subtotal, net, gross, umsatz, erlos, erloes, betrag, gesamt, gesamtbetrag,
        gesamtpreis, nettoumsatz, summe, verkaufe, einnahmen, chiffre d affaires, ca, montant, recette,
        recettes, ventes, total ttc, total ht, montant total, ingresos, importe, ventas, monto, importe total,
        facturacion, ricavi, ricavo, fatturato, importo, incasso, vendite, totale, omzet, bedrag, verkopen,
        opbrengst, totaal, totaalbedrag, receita, faturamento, valor, valor total, vendas, montante, przychod,
        obrot, kwota, wartosc, sprzedaz, razem, suma, gesamtumsatz, umsatzerlose, ca ht, ca ttc, venta, total
        ventas, omzet excl btw, faturacao, utarg, przychody, wartosc sprzedazy
    """,
    R.PRICE: """
        price, unit price, selling price, sale price, list price, retail price, price each, price per unit,
        preis, stuckpreis, einzelpreis, verkaufspreis, vk, vk preis, prix, prix unitaire, pu, prix de vente,
        tarif, precio, precio unitario, precio de venta, pvp, prezzo, prezzo unitario, prezzo di vendita, prijs,
        stuksprijs, verkoopprijs, eenheidsprijs, preco, preco unitario, preco de venda, cena, cena jednostkowa,
        cena sprzedazy
    """,
    R.COST: """
        cost, unit cost, cost price, purchase price, cost per unit, buying price, cogs, acquisition cost,
        kosten, einkaufspreis, ek, ek preis, stuckkosten, cout, cout unitaire, prix d achat, coste, costo, coste
        unitario, costo unitario, precio de compra, prezzo di acquisto, prezzo d acquisto, kostprijs,
        inkoopprijs, custo, custo unitario, preco de custo, koszt, koszt jednostkowy, cena zakupu,
        einstandspreis, preco de compra, prix de revient, cena nabycia
    """,
    R.ON_HAND: """
        on hand, stock, in stock, stock on hand, inventory, current stock, stock level, qty on hand, quantity on
        hand, bestand, lagerbestand, vorrat, en stock, stock actuel, existencias, stock actual, inventario,
        giacenza, scorte, in magazzino, voorraad, estoque, existencia, stan, stan magazynowy, zapas, stock
        disponible, giacenze, na stanie, op voorraad, disponibilita a magazzino, ilosc na stanie, em estoque
    """,
    R.LEAD_TIME: """
        lead time, lead time days, leadtime, delivery time, delivery days, lead days, lieferzeit, lieferzeit
        tage, wiederbeschaffungszeit, delai, delai de livraison, plazo de entrega, tiempo de entrega, tempo di
        consegna, tempi di consegna, levertijd, prazo de entrega, czas dostawy, delai fournisseur, plazo, giorni
        di consegna, tempo de entrega, prazo, termin dostawy
    """,
    R.VOLUME: """
        volume, volume per unit, unit volume, litres, liters, cbm, m3, space, volumen, raumbedarf, volumen je
        stuck, volumen por unidad, volume per eenheid, objetosc, inhoud, pojemnosc
    """,
    R.CASE_PACK: """
        case pack, pack size, case size, units per case, pack, case, verpackungseinheit, ve, gebinde,
        packungsgrosse, colisage, conditionnement, unidades por caja, pezzi per confezione, confezione,
        verpakkingseenheid, unidades por caixa, opakowanie zbiorcze
    """,
    R.MINIMUM_ORDER: """
        minimum order, min order, moq, minimum order quantity, minimum qty, min qty, mindestbestellmenge,
        mindestmenge, commande minimum, quantite minimum, pedido minimo, cantidad minima, ordine minimo,
        quantita minima, minimale bestelling, minimum bestelling, encomenda minima, minimalne zamowienie,
        minimum bestelhoeveelheid, minimale bestelhoeveelheid, quantidade minima
    """,
    R.SHELF_LIFE: """
        shelf life, shelf life days, keeps for, best before days, haltbarkeit, haltbarkeit tage, mindesthaltbarkeit,
        haltbar, duree de conservation, dlc jours, vida util, caducidad dias, durata, scadenza giorni, conservazione,
        houdbaarheid, houdbaar, validade, prazo de validade, przydatnosc, termin przydatnosci, trwalosc
    """,
    R.ON_ORDER: """
        on order, on order qty, incoming, open orders, in transit, offene bestellungen, unterwegs,
        zulauf, en commande, commande en cours, pedido pendiente, en transito, en camino, in ordine, in arrivo,
        in bestelling, onderweg, em transito, a caminho, w drodze
    """,
    R.SUPPLIER: """
        supplier, vendor, supplier name, vendor name, lieferant, fournisseur, proveedor, fornitore, leverancier,
        fornecedor, dostawca, hersteller
    """,
    R.PROMOTION: """
        promotion, promo, discount, offer, on promotion, on sale, campaign, aktion, rabatt, angebot, remise,
        rabais, promocion, descuento, oferta, promozione, sconto, offerta, actie, korting, aanbieding, promocao,
        desconto, promocja, rabat
    """,
    R.CHANNEL_SPEND: """
        spend, ad spend, marketing spend, media spend, advertising, ads, google, google ads, adwords, facebook,
        meta, instagram, tiktok, youtube, linkedin, bing, display, search ads, paid search, paid social, social
        media, email, e mail, newsletter, tv, radio, print, flyers, flyer, leaflets, billboards, outdoor,
        influencer, influencers, affiliates, affiliate, werbung, werbekosten, werbeausgaben, publicite, depenses
        publicitaires, publicidad, gasto publicitario, pubblicita, spesa pubblicitaria, advertenties, reclame,
        publicidade, reklama, marketing, marketingkosten, marketingausgaben, budget pub, depenses marketing,
        budget marketing, gasto en marketing, gastos de publicidad, spesa marketing, advertentiekosten,
        investimento em marketing, gastos com anuncios, gasto em publicidade, wydatki na reklame, koszt reklamy,
        koszty reklamy, wydatki marketingowe, marketinguitgaven
    """,
    R.TRAFFIC: """
        traffic, sessions, visits, visitors, footfall, page views, pageviews, clicks, website visits, web
        visits, users, besuche, besucher, sitzungen, visites, visiteurs, visitas, visitantes, sesiones, visite,
        visitatori, sessioni, bezoeken, bezoekers, sessies, sessoes, wizyty, odwiedziny, sesje, customers,
        customer count, kunden, kundenzahl, frequentation, clients, afluencia, clienti, klanten, clientes,
        odwiedzajacy, klienci, liczba klientow
    """,
    R.LEADS: """
        leads, enquiries, inquiries, sign ups, signups, requests, new contacts, anfragen, interessenten,
        prospects, demandes, contactos, consultas, contatti, richieste, aanvragen, contatos, zapytania, leady,
        pedidos de contato, pedidos de contacto
    """,
    R.EMPLOYEE: """
        employee, employee name, staff, staff member, worker, team member, mitarbeiter, mitarbeiterin,
        angestellter, employe, salarie, collaborateur, empleado, trabajador, dipendente, addetto, collaboratore,
        medewerker, werknemer, funcionario, colaborador, empregado, pracownik, mitarbeitername, personal, nom de
        l employe, nombre del empleado, nome dipendente, naam medewerker, nome do funcionario, imie pracownika,
        imie i nazwisko
    """,
    R.STAFF_ROLE: """
        role, job, position, job title, skill, skills, funktion, rolle, tatigkeit, qualifikation, poste,
        fonction, metier, puesto, cargo, funcion, ruolo, mansione, qualifica, functie, rol, funcao, stanowisko,
        rola, funkcja
    """,
    R.RATE: """
        rate, hourly rate, wage, hourly wage, pay, pay rate, rate per hour, hourly pay, stundenlohn,
        stundensatz, lohn, taux horaire, salaire horaire, tarifa, salario por hora, paga oraria, tariffa oraria,
        uurloon, uurtarief, salario hora, valor hora, stawka, stawka godzinowa, precio hora, tarifa por hora,
        costo orario, taxa horaria, valor por hora
    """,
    R.MAX_HOURS: """
        max hours, maximum hours, hours per week, weekly hours, contract hours, max hours per week,
        wochenstunden, max stunden, stunden pro woche, heures max, heures par semaine, horas max, horas maximas,
        horas por semana, ore max, ore settimanali, max uren, uren per week, horas semanais, max godzin, godziny
        tygodniowo, heures hebdo, heures hebdomadaires, horas semanales, contracturen, godzin w tygodniu,
        godziny w tygodniu
    """,
    R.AVAILABILITY: """
        availability, available, verfugbarkeit, verfugbar, disponibilite, disponible, disponibilidad,
        disponibilita, disponibile, beschikbaarheid, beschikbaar, disponibilidade, disponivel, dostepnosc,
        disponibilites, disponibilidades
    """,
    R.SHIFT: """
        shift, slot, shift name, time slot, schicht, dienst, creneau, poste horaire, turno, fascia oraria,
        tijdslot, ploeg, zmiana, equipe
    """,
    R.PEOPLE_NEEDED: """
        people needed, staff needed, needed, required, required staff, coverage, headcount, min staff, bedarf,
        personalbedarf, benotigt, personnes requises, effectif, besoin, personal necesario, necesarios,
        personale richiesto, persone necessarie, benodigd, nodig, pessoas necessarias, necessarios, potrzebni,
        potrzebne osoby, benotigte personen, benotigte mitarbeiter, personas necesarias, effectif requis,
        benodigd personeel, bezetting, obsada, potrzebni pracownicy
    """,
}
"""Phrases separated by commas, per role."""

TOTAL_WORDS = (
    "total, totals, grand total, sub total, subtotal, overall total, sum, gesamt, gesamtsumme, "
    "summe, zwischensumme, insgesamt, somme, sous total, total general, suma, suma total, totale, "
    "totale generale, subtotale, totaal, eindtotaal, subtotaal, soma, total geral, razem, lacznie, "
    "ogolem, carried forward, brought forward, balance carried forward, ubertrag, a reporter, report, riporto, "
    "suma y sigue, transport, a transportar, do przeniesienia, z przeniesienia"
)
"""What a row of totals begins with."""

STATISTIC_WORDS: Mapping[str, str] = {
    "mean": "average, avg, mean, durchschnitt, mittelwert, schnitt, moyenne, promedio, media, gemiddelde, gemiddeld, "
    "srednia, srednio",
    "median": "median, mediane, mediana, mediaan",
    "maximum": "max, maximum, highest, maximo, massimo, maks, maksimum, hochstwert, maximale",
    "minimum": "min, minimum, lowest, minimo, tiefstwert, minimale",
    "count": "count, number, anzahl, nombre, numero, conteggio, aantal, contagem, liczba",
}
"""What a row of statistics is called, without accents."""
