package forward

// Reason is why a delivery or endpoint is where it is. The set is closed: it is
// kept with dead letters and pauses, and is a metric label.
type Reason string

// The reasons of an attempt's end.
const (
	OK          Reason = "ok"
	Redirect    Reason = "redirect"     // 3xx; never followed
	Refusal     Reason = "refused"      // 4xx but those below
	Gone        Reason = "gone"         // 410
	Busy        Reason = "busy"         // 408, 425
	Throttled   Reason = "throttled"    // 429
	ServerError Reason = "server_error" // 5xx
	OddStatus   Reason = "odd_status"   // a status that HTTP does not have, or 1xx
	Timeout     Reason = "timeout"
	Connection  Reason = "connection"
	DNS         Reason = "dns"
	TLS         Reason = "tls"
	Blocked     Reason = "blocked"   // the egress guard refused the URL or address
	Cancelled   Reason = "cancelled" // by this node
)

// The reasons that are no attempt's end.
const (
	Expired    Reason = "expired"    // older than retry.max_age
	TooOld     Reason = "too_old"    // older than its kind's max_age
	Overtaken  Reason = "overtaken"  // a status of its message that is further on went before
	Unreadable Reason = "unreadable" // what is stored is no event, or that of a newer version
	Erased     Reason = "erased"     // its data key is gone
	Paused     Reason = "paused"     // given back: the endpoint rests
	Returned   Reason = "returned"   // given back: no room, or the node stops
	Renewed    Reason = "renewed"    // the lease was extended before an attempt
)
