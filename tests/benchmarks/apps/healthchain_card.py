"""HealthChain: its gateway with one CDS Hooks service that shows one card that is always the same."""

from healthchain.gateway import CDSHooksService, HealthChainAPI
from healthchain.models.requests.cdsrequest import CDSRequest
from healthchain.models.responses.cdsresponse import Card, CDSResponse, IndicatorEnum, Source

CARD = Card(summary="PRRT", indicator=IndicatorEnum.info, source=Source(label="bench"), detail="Nothing was looked at.")

service = CDSHooksService(use_events=False)


@service.hook("patient-view", id="card")
def card(request: CDSRequest) -> CDSResponse:
    return CDSResponse(cards=[CARD])


app = HealthChainAPI(title="bench", enable_cors=False, enable_events=False)
app.register_service(service)
