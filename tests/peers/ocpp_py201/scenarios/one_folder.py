"""A folder that is used with OCPP 1.6 before and after: one set of settings for both."""

import other_version
from checks import equal
from ocpp.v16 import call
from topic import Topic

#: By their names in OCPP 1.6.
SETTINGS = {
    "AuthorizationCacheEnabled": "true",
    "AuthorizeRemoteTxRequests": "false",
    "ClockAlignedDataInterval": "0",
    "ConnectionTimeOut": "71",
    "LocalAuthorizeOffline": "true",
    "LocalPreAuthorize": "false",
    "MeterValueSampleInterval": "1",
    "MeterValuesSampledData": "Energy.Active.Import.Register,Power.Active.Import",
    "StopTxnSampledData": "Energy.Active.Import.Register,Power.Active.Import",
}

before = Topic("one folder", as_found=True)
after = Topic("one folder again", as_found=True)


@before.scenario("it is configured with OCPP 1.6")
async def configured(stage):
    changes = [call.ChangeConfiguration(key=key, value=SETTINGS[key]) for key in SETTINGS]
    answers = await other_version.visit(*stage.place, *changes)
    equal([answer.status for answer in answers], ["Accepted"] * len(changes), "statuses")


@after.scenario("what was set with OCPP 2.0.1 is set with OCPP 1.6")
async def back(stage):
    await stage.point.kill()
    keys = list(SETTINGS)
    [answer] = await other_version.visit(*stage.place, call.GetConfiguration(key=keys))
    told = {entry["key"]: entry["value"] for entry in answer.configuration_key}
    # What EVConnectionTimeOut was set to last.
    last = {"ConnectionTimeOut": "60"} if stage.bench.has_variables else {}
    equal(told, SETTINGS | last, "configuration")
