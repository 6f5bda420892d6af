package tracing

import "go.opentelemetry.io/otel/attribute"

// The spans, and all that is said of them.
const (
	spanReceive  = "receive"  // a webhook: the platform's request
	spanStore    = "store"    // its events are put into their lanes
	spanEvent    = "event"    // the first of an event's own trace
	spanForward  = "forward"  // an attempt to deliver an event
	spanReply    = "reply"    // a call of a business
	spanPlatform = "platform" // a request to the platform
	spanRedis    = "redis"    // a command, or several at once

	keyApp      = attribute.Key("bauta.app")
	keyBusiness = attribute.Key("bauta.business")
	keyEndpoint = attribute.Key("bauta.endpoint")
	keyField    = attribute.Key("bauta.field")
	keyKind     = attribute.Key("bauta.kind")
	keyEvent    = attribute.Key("bauta.event")
	keyLane     = attribute.Key("bauta.lane")
	keyLanes    = attribute.Key("bauta.lanes")
	keyEvents   = attribute.Key("bauta.events")
	keyKnown    = attribute.Key("bauta.duplicate")
	keyAttempts = attribute.Key("bauta.attempts")
	keyOutcome  = attribute.Key("bauta.outcome")
	keyReason   = attribute.Key("bauta.reason")
	keyRoute    = attribute.Key("bauta.route")
	keyMethod   = attribute.Key("http.request.method")
	keyStatus   = attribute.Key("http.response.status_code")
	keyStore    = attribute.Key("db.system.name")
	keyCommand  = attribute.Key("db.operation.name")
	keyCommands = attribute.Key("db.operation.batch.size")
)
