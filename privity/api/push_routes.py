"""The routes of notifications: pushers, push rules, what one was notified of."""

from __future__ import annotations

from privity.api import notifications, push_rules, pushers
from privity.api.paths import V3
from privity.api.router import Route

RULES = f"{V3}/pushrules"
RULE = f"{RULES}/global/{{kind}}/{{ruleId}}"

ROUTES: tuple[Route, ...] = (
    Route("GET", f"{V3}/pushers", pushers.get_pushers),
    Route("POST", f"{V3}/pushers/set", pushers.post_pusher),
    Route("GET", f"{V3}/notifications", notifications.get_notifications),
    Route("GET", f"{RULES}/", push_rules.get_all),
    Route("GET", f"{RULES}/global/", push_rules.get_global),
    Route("GET", f"{RULES}/global/{{kind}}/", push_rules.get_kind),
    Route("PUT", f"{RULES}/global/{{kind}}/", push_rules.put_nothing),
    Route("GET", RULE, push_rules.get_rule),
    Route("PUT", RULE, push_rules.put_rule),
    Route("DELETE", RULE, push_rules.delete_rule),
    Route("GET", f"{RULE}/enabled", push_rules.get_enabled),
    Route("PUT", f"{RULE}/enabled", push_rules.put_enabled),
    Route("GET", f"{RULE}/actions", push_rules.get_actions),
    Route("PUT", f"{RULE}/actions", push_rules.put_actions),
    Route("GET", RULES, push_rules.get_all_without_slash),
    Route("GET", f"{RULES}/global", push_rules.get_global_without_slash),
    # Paths that look like those of rules
    *(
        Route("GET", f"{RULES}/{path}", push_rules.get_no_rule)
        for path in ("{scope}/", "global/{kind}", "global/{kind}/{ruleId}/{attribute}")
    ),
    *(
        Route("PUT", f"{RULES}/{path}", push_rules.put_no_rule)
        for path in (
            *("", "global", "global/{kind}", "{scope}/{kind}/{ruleId}"),
            "global/{kind}/{ruleId}/{attribute}",
        )
    ),
)
