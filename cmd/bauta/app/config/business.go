package config

// Business is one business as configured.
type Business struct {
	ID             string     `yaml:"id" required:"give it a short name" format:"id" doc:"name of the business; it is part of stored keys, so do not change it"`
	Name           string     `yaml:"name" longest:"60" doc:"name that customers read in Bauta's questions; without it the id"`
	App            string     `yaml:"app" required:"name the app whose webhooks bring its events" doc:"id of the app whose webhooks bring its events"`
	WABAs          []string   `yaml:"wabas" required:"name at least one WhatsApp Business Account" format:"digits" doc:"its WhatsApp Business Account ids; each belongs to one business"`
	MovedFrom      []string   `yaml:"moved_from" format:"id" doc:"ids of businesses that had these accounts before: without it Bauta refuses an account that was another business's, also after a restart. Whoever was hidden there is a stranger here, and may be shown"`
	AccessToken    Secret     `yaml:"access_token" doc:"the platform's token with which Bauta calls it for this business: needed to answer customers; the business never gets it"`
	MarketingToken Secret     `yaml:"marketing_token" doc:"token for ad look-ups; without it access_token is used"`
	Handles        Handles    `yaml:"handles" doc:"how it sees hidden customers"`
	Hiding         Hiding     `yaml:"hiding" doc:"who is hidden"`
	RawRecipients  string     `yaml:"raw_recipients" default:"known" oneof:"known|deny|allow" doc:"may it send to a plain number: only to customers it may see, never, always; with deny it cannot answer customers who are not hidden, for they have no handle"`
	PhoneNumberIDs []string   `yaml:"phone_number_ids" format:"digits" doc:"ids of the phone numbers that it may send from; without them the platform is asked for those of its wabas"`
	Passthrough    []string   `yaml:"passthrough" doc:"further calls of the platform's API that it may make, such as GET /{phone_number_id}/username; nothing in them is turned, and what looks like a number in the answers is masked"`
	Sharing        Sharing    `yaml:"sharing" doc:"how customers are asked and answer"`
	Groups         []Group    `yaml:"groups" doc:"declared community subgroups; an undeclared group hides"`
	Retention      Overrides  `yaml:"retention" doc:"its own retention periods"`
	Endpoints      []Endpoint `yaml:"endpoints" required:"name at least one endpoint, or its events go nowhere" doc:"URLs that receive its events"`
}

// Handles is how a business sees hidden customers.
type Handles struct {
	Shape          string `yaml:"shape" default:"bsuid" oneof:"bsuid|phone" doc:"the platform's own shape for customers without a number, or 15 digits beginning with 999"`
	Country        string `yaml:"country" default:"real" oneof:"real|hidden" doc:"the handle's country: the customer's, or ZZ"`
	Username       string `yaml:"username" default:"remove" oneof:"remove|keep" doc:"usernames of hidden customers"`
	ForeignNumbers string `yaml:"foreign_numbers" default:"pass" oneof:"pass|mask" doc:"numbers in content that belong to nobody the event names"`
	InviteLink     string `yaml:"invite_link" default:"remove" oneof:"remove|keep" doc:"invite links of declared groups"`
}

// Hiding says who is hidden.
type Hiding struct {
	Default    string `yaml:"default" default:"visible" oneof:"visible|hidden" doc:"who comes without an ad"`
	KnownUntil Moment `yaml:"known_until" unit:"RFC 3339 time or date (UTC)" doc:"until then a history sync makes customers known; without it, until the first hidden decision"`
	Rules      []Rule `yaml:"rules" doc:"conditions on first contacts, by an ad or not; the first match wins"`
}

// Rule decides on customers who come by an ad.
type Rule struct {
	Name string `yaml:"name" required:"give it a short name: decisions are explained with it" format:"id" doc:"name, given with every decision it makes"`
	When string `yaml:"when" required:"write a CEL condition, or true" doc:"CEL condition over ad, customer, business and now"`
	Hide bool   `yaml:"hide" required:"say hide: true or hide: false" doc:"hide whoever matches, or show"`
	Mode string `yaml:"mode" oneof:"|report" doc:"report: only record what it would have decided"`
}

// Sharing is how customers are asked and answer.
type Sharing struct {
	Ask                 string                       `yaml:"ask" default:"first_contact" oneof:"first_contact|on_request|never" doc:"when Bauta asks a hidden customer for the number: once for each chat and group, when the business asks for it, or never"`
	AskAgainAfter       Duration                     `yaml:"ask_again_after" default:"0" min:"0" unit:"0: never again" doc:"when Bauta asks again after a decline or a withdrawal"`
	AskPause            Duration                     `yaml:"ask_pause" default:"1d" min:"0" unit:"0: none" doc:"between two questions to one customer: Bauta's in all chats and groups together, and the business's own in a direct chat after an answer"`
	Expires             Duration                     `yaml:"expires" default:"7d" min:"1h" unit:"since it was sent" doc:"how long a question counts, and its buttons act"`
	OwnCard             string                       `yaml:"own_card" default:"mask" oneof:"mask|share" doc:"what it means that a customer sends a card with their own number by hand: nothing, or that they share it"`
	ShareNewNumber      bool                         `yaml:"share_new_number" default:"false" doc:"a shared customer's new number is shared too"`
	Native              bool                         `yaml:"native" default:"false" doc:"ask with the platform's own request"`
	BusinessRequests    string                       `yaml:"business_requests" default:"allow" oneof:"allow|bauta_text_only" doc:"may the business word a request itself"`
	NewHandleOnWithdraw bool                         `yaml:"new_handle_on_withdraw" default:"false" doc:"who withdraws gets a new handle"`
	Rate                Rate                         `yaml:"rate" default:"20/s" min:"1/h" max:"1000/s" unit:"on each node" doc:"questions that Bauta sends for this business"`
	Keywords            Keywords                     `yaml:"keywords" doc:"words by which a customer acts when they are the whole message; none to begin with"`
	Languages           map[string]string            `yaml:"languages" doc:"language of Bauta's messages by the customer's ISO country, such as {CH: de}; for other countries Bauta knows one"`
	Texts               map[string]map[string]string `yaml:"texts" doc:"own texts by language and name, such as {it: {question: ...}}; {business} and {group} stand for the names"`
}

// Keywords act when they are the whole message.
type Keywords struct {
	Share    []string `yaml:"share" longest:"100" doc:"share the number"`
	Withdraw []string `yaml:"withdraw" longest:"100" doc:"hide it again"`
	Show     []string `yaml:"show" longest:"100" doc:"tell what the business knows"`
	Erase    []string `yaml:"erase" longest:"100" doc:"erase the customer"`
}

// Group is a declared community subgroup.
type Group struct {
	ID   string `yaml:"id" required:"set it to the platform's group id" doc:"the platform's group id"`
	Name string `yaml:"name" longest:"100" doc:"name in questions; needed where its members are hidden and can be asked"`
	Hide bool   `yaml:"hide" default:"true" doc:"hide its participants"`
}

// Overrides are a business's own retention periods; nil takes the general one.
type Overrides struct {
	Customer         *Duration `yaml:"customer" min:"0" unit:"0: unlimited" doc:"as retention.customer"`
	CustomerAbsolute *Duration `yaml:"customer_absolute" min:"0" unit:"0: unlimited" doc:"as retention.customer_absolute"`
	Messages         *Duration `yaml:"messages" min:"0" unit:"0: unlimited" doc:"as retention.messages"`
	DeadLetter       *Duration `yaml:"dead_letter" min:"0" unit:"0: unlimited" doc:"as retention.dead_letter"`
	Held             *Duration `yaml:"held" min:"0" unit:"0: unlimited" doc:"as retention.held"`
	Consents         *Duration `yaml:"consents" min:"0" unit:"0: unlimited" doc:"as retention.consents"`
	Audit            *Duration `yaml:"audit" min:"0" unit:"0: unlimited" doc:"as retention.audit"`
	HiddenMarker     *Duration `yaml:"hidden_marker" min:"0" unit:"0: unlimited" doc:"as retention.hidden_marker"`
}

// Endpoint receives a business's events.
type Endpoint struct {
	ID           string   `yaml:"id" required:"give it a short name" format:"id" doc:"name of the endpoint; it is part of stored keys, so do not change it"`
	URL          string   `yaml:"url" required:"set it to the URL that receives the events" doc:"URL that receives the events, https unless allow_http"`
	Secrets      []Secret `yaml:"secrets" required:"set at least one: the receiver must be able to check the signature" doc:"the first signs X-Hub-Signature-256; every whsec_ one signs webhook-signature"`
	Fields       []string `yaml:"fields" format:"field" doc:"webhook fields it gets; without them all"`
	OwnEvents    bool     `yaml:"own_events" default:"true" doc:"it gets Bauta's own events"`
	Timeout      Duration `yaml:"timeout" default:"10s" min:"100ms" max:"2m" doc:"how long a delivery may take"`
	Concurrency  int      `yaml:"concurrency" default:"32" min:"1" max:"1000" doc:"deliveries at once, on one node"`
	Retry        Retry    `yaml:"retry" doc:"how a failing delivery is repeated"`
	HoldLane     Duration `yaml:"hold_lane" default:"1h" min:"0" max:"7d" doc:"how long one failing event may hold its lane"`
	AllowPrivate bool     `yaml:"allow_private" default:"false" doc:"it may be in a private network"`
	AllowHTTP    bool     `yaml:"allow_http" default:"false" doc:"it may be reached without TLS"`
	Statuses     string   `yaml:"statuses" default:"all" oneof:"all|forward_only" doc:"all statuses, or none of a message that is behind one already sent: no delivered after read; failed always comes"`
	MaxAge       MaxAge   `yaml:"max_age" doc:"older events of a kind are not sent to it, and are counted as expired"`
}

// MaxAge is how old an event may be by its kind, since it happened or was accepted.
type MaxAge struct {
	Message     Duration `yaml:"message" default:"0" min:"0" max:"720h" unit:"0: no limit" doc:"messages of customers"`
	Status      Duration `yaml:"status" default:"0" min:"0" max:"720h" unit:"0: no limit" doc:"sent, delivered, read, failed ..."`
	Call        Duration `yaml:"call" default:"0" min:"0" max:"720h" unit:"0: no limit" doc:"calls that begin or end"`
	CallStatus  Duration `yaml:"call_status" default:"0" min:"0" max:"720h" unit:"0: no limit" doc:"calls that ring, are accepted or rejected"`
	Echo        Duration `yaml:"echo" default:"0" min:"0" max:"720h" unit:"0: no limit" doc:"messages that the business sent with the Business app"`
	Thread      Duration `yaml:"thread" default:"0" min:"0" max:"720h" unit:"0: no limit" doc:"chats of a history sync"`
	Participant Duration `yaml:"participant" default:"0" min:"0" max:"720h" unit:"0: no limit" doc:"who joins and leaves groups"`
	Group       Duration `yaml:"group" default:"0" min:"0" max:"720h" unit:"0: no limit" doc:"what else happens to groups"`
	Preference  Duration `yaml:"preference" default:"0" min:"0" max:"720h" unit:"0: no limit" doc:"customers who want no marketing, or do again"`
	UserAction  Duration `yaml:"user_action" default:"0" min:"0" max:"720h" unit:"0: no limit" doc:"clicks on links of marketing messages"`
	IDUpdate    Duration `yaml:"user_id_update" default:"0" min:"0" max:"720h" unit:"0: no limit" doc:"new user ids of customers"`
	Handover    Duration `yaml:"handover" default:"0" min:"0" max:"720h" unit:"0: no limit" doc:"chats that change between apps"`
	AutoEvent   Duration `yaml:"automatic_event" default:"0" min:"0" max:"720h" unit:"0: no limit" doc:"leads and purchases that the platform sees"`
	Problem     Duration `yaml:"error" default:"0" min:"0" max:"720h" unit:"0: no limit" doc:"errors that belong to no message"`
	Account     Duration `yaml:"account" default:"0" min:"0" max:"720h" unit:"0: no limit" doc:"fields about the account, templates and phone numbers"`
	Unknown     Duration `yaml:"unknown" default:"0" min:"0" max:"720h" unit:"0: no limit" doc:"fields that Bauta does not know"`
}

// Retry is how a failing delivery is repeated.
type Retry struct {
	Schedule        []Duration `yaml:"schedule" default:"1s 5s 30s 2m 10m 30m 1h" min:"100ms" max:"24h" doc:"waits between attempts; the last one repeats"`
	MaxAge          Duration   `yaml:"max_age" default:"72h" min:"1m" max:"30d" unit:"since it was accepted" doc:"older events become dead letters"`
	RefusedAttempts int        `yaml:"refused_attempts" default:"3" min:"1" max:"100" doc:"refusals (4xx) that make a dead letter"`
}
