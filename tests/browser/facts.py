"""The facts of an organisation that has stated every one of them."""

FACTS = """
organisation_name: {sv: "Exempelområdet", fi: "Esimerkkialue"}
organisation_short: {sv: "Exempel", fi: "Esimerkki"}
organisation_website: {sv: "https://example.fi/sv", fi: "https://example.fi"}
organisation_address: {sv: "PB 1, 00000 Exempelstad", fi: "PL 1, 00000 Esimerkkilä"}
organisation_email: registry@example.fi
organisation_phone: 000 000 0000
responsible_title: {sv: "Servicechefen", fi: "Palvelupäällikkö"}
responsible_email: responsible@example.fi
quality_routine: {sv: "Samtal läses varje vecka.", fi: "Keskusteluja luetaan joka viikko."}
privacy_officer: {sv: "Ombudet", fi: "Vastaava"}
privacy_officer_email: privacy@example.fi
privacy_legal_basis: {sv: "En grund.", fi: "Peruste."}
privacy_recipients: {sv: "Inga andra.", fi: "Ei muita."}
privacy_date: 2026-11-01
accessibility_status: partial
accessibility_shortcomings: [{sv: "Brist ett.", fi: "Puute yksi."}]
accessibility_assessment: {sv: "Bedömd av en expert.", fi: "Asiantuntijan arvioima."}
accessibility_date: 2026-11-02
feedback_email: feedback@example.fi
feedback_phone: 000 000 0001
feedback_form: {sv: "https://example.fi/respons", fi: "https://example.fi/palaute"}
source_code: https://example.fi/lotsi
"""
