package config

import "time"

// Config is a checked configuration. It is read-only and safe for concurrent use.
type Config struct {
	Listen         string     `yaml:"listen" default:":8080" format:"hostport" restart:"yes" doc:"address of the webhooks and the business API"`
	PublicURL      string     `yaml:"public_url" restart:"yes" doc:"URL at which businesses reach listen, such as https://bauta.example; media and pages lead there. Without it: as each request came"`
	AdminListen    string     `yaml:"admin_listen" default:"127.0.0.1:9090" format:"hostport" restart:"yes" doc:"address of metrics, health, management and console; never make it public"`
	Log            Log        `yaml:"log" doc:"what Bauta says on standard error"`
	TLS            TLS        `yaml:"tls" restart:"yes" doc:"when Bauta ends TLS itself"`
	TrustedProxies []Prefix   `yaml:"trusted_proxies" restart:"yes" doc:"addresses whose X-Forwarded-For, -Proto and -Host are believed; without them the direct peer counts"`
	Tracing        Tracing    `yaml:"tracing" restart:"yes" doc:"spans for an OpenTelemetry collector (deploy/TRACES.md); off without an endpoint"`
	Redis          Redis      `yaml:"redis" restart:"yes" doc:"where everything is stored"`
	Keys           string     `yaml:"keys" default:"keys.json" restart:"yes" doc:"file of the encryption keys, made by bauta keys init; relative to this file"`
	KeysLifetime   Duration   `yaml:"keys_lifetime" default:"0" min:"0" unit:"0: no date is promised" doc:"how old a wrapping key becomes at most: by then you have replaced it (bauta keys rotate) and destroyed it (--destroy-old). Receipts of erasures name the date from which older dumps are unreadable by it"`
	Retention      Retention  `yaml:"retention" doc:"how long things are kept; also per business"`
	Limits         Limits     `yaml:"limits" doc:"what is too much"`
	UnknownFields  string     `yaml:"unknown_fields" default:"hold" oneof:"hold|scrub|drop" doc:"what happens to a webhook field that Bauta does not know"`
	Platform       Platform   `yaml:"platform" restart:"yes" doc:"the platform's API"`
	Apps           []App      `yaml:"apps" required:"name at least one app of the platform" doc:"the platform's apps whose webhooks come in"`
	Business       []Business `yaml:"businesses" required:"name at least one business" doc:"the businesses that are served"`

	name      string
	read      time.Time
	files     []string
	warnings  []Fault
	positions map[string]position
}

// Log says how much is logged and how.
type Log struct {
	Level  string `yaml:"level" default:"info" oneof:"debug|info|warn|error" doc:"the least important level that is logged"`
	Format string `yaml:"format" default:"json" oneof:"json|text" restart:"yes" doc:"one JSON object a line, or text"`
}

// Tracing says where spans go, and how many.
type Tracing struct {
	Endpoint string `yaml:"endpoint" format:"collector" doc:"URL of an OpenTelemetry collector that takes OTLP over HTTP, such as http://127.0.0.1:4318; without it OTEL_EXPORTER_OTLP_ENDPOINT of the environment; without both nothing is traced"`
	Headers  Secret `yaml:"headers" doc:"headers for the collector, such as authorization=Bearer%20TOKEN,x-tenant=acme; beside OTEL_EXPORTER_OTLP_HEADERS of the environment"`
	Sample   *Share `yaml:"sample" min:"0" max:"1" doc:"part of all webhooks, events and calls that is traced; without it OTEL_TRACES_SAMPLER of the environment, else 0.01"`
}

// TLS names the files with which Bauta ends TLS itself.
type TLS struct {
	Cert     string `yaml:"cert" doc:"certificate chain, PEM file, relative to this file"`
	Key      string `yaml:"key" doc:"private key, PEM file, relative to this file"`
	ClientCA string `yaml:"client_ca" doc:"CA that signs the platform's client certificate, PEM file; webhooks without such a certificate are refused"`
	ClientCN string `yaml:"client_cn" doc:"exact common name of the platform's client certificate, such as client.webhooks.fbclientcerts.com"`
}

// Redis is where and how safely everything is stored.
type Redis struct {
	URL                Secret   `yaml:"url" default:"redis://127.0.0.1:6379/0" doc:"redis, rediss, redis+sentinel, rediss+sentinel, redis+cluster or rediss+cluster URL; Sentinel needs ?master_name=NAME, further nodes are addr=host:port in the query; or the word embedded (nothing survives a restart)"`
	TLS                StoreTLS `yaml:"tls" doc:"for a rediss URL"`
	Acknowledge        string   `yaml:"acknowledge" default:"memory" oneof:"memory|fsync|replica" doc:"what must be true of an event before the platform gets 200: in the server's memory, on its disk (appendfsync always, or a server that has WAITAOF: Redis 7.2), or in replicas"`
	Replicas           int      `yaml:"replicas" default:"1" min:"1" max:"10" doc:"replicas that must have it, for acknowledge: replica; without them nothing is taken in, and nothing delivered"`
	AcknowledgeTimeout Duration `yaml:"acknowledge_timeout" default:"2s" min:"10ms" max:"30s" doc:"how long to wait for that; after it the platform gets 503"`
	WaitOnStart        Duration `yaml:"wait_on_start" default:"30s" min:"0" max:"1h" doc:"how long a start waits for the server"`
	Shards             int      `yaml:"shards" default:"256" min:"1" max:"1000" doc:"hash tags over which keys are spread; fixed at first start"`
	AssumeAppendfsync  string   `yaml:"assume_appendfsync" oneof:"|always" doc:"vouch for appendfsync where a managed server does not tell and has no WAITAOF; needed there for acknowledge: fsync"`
}

// StoreTLS names the files for a store behind TLS.
type StoreTLS struct {
	CA   string `yaml:"ca" doc:"CA that signed the servers' certificates, PEM file, relative to this file; without it what the system trusts"`
	Cert string `yaml:"cert" doc:"certificate chain that is shown to a server that asks for one, PEM file, relative to this file"`
	Key  string `yaml:"key" doc:"its private key, PEM file, relative to this file"`
}

// Retention is how long things are kept; 0 is unlimited.
type Retention struct {
	Customer         Duration  `yaml:"customer" default:"365d" min:"0" unit:"since last seen; 0: unlimited" doc:"a customer's record"`
	CustomerAbsolute Duration  `yaml:"customer_absolute" default:"0" min:"0" unit:"since first seen; 0: unlimited" doc:"a customer's record, however often they are seen: who is there longer starts anew, hidden, and what waits for delivery is dropped"`
	Messages         Duration  `yaml:"messages" default:"30d" min:"0" unit:"0: unlimited" doc:"state of single messages, where an id cannot be turned back without it"`
	DeadLetter       Duration  `yaml:"dead_letter" default:"30d" min:"0" unit:"0: unlimited" doc:"dead letters"`
	Held             Duration  `yaml:"held" default:"7d" min:"0" unit:"0: unlimited" doc:"held events"`
	Consents         Duration  `yaml:"consents" default:"0" min:"0" unit:"0: unlimited" doc:"lines of the consent ledger"`
	Audit            *Duration `yaml:"audit" min:"0" unit:"since the end of the day; 0: unlimited" doc:"lines of the audit log; without it as consents"`
	HiddenMarker     Duration  `yaml:"hidden_marker" default:"0" min:"0" unit:"0: unlimited" doc:"markers of erased and expired customers, who start hidden when they return"`
}

// Limits beyond which the platform gets 503 and sends again later, and businesses
// 429.
type Limits struct {
	RedisBytes  Size     `yaml:"redis_bytes" default:"0" min:"0" unit:"bytes, or with KiB, MiB, GiB; 0: unlimited" doc:"memory that a server uses; from nine tenths of it 503 for the businesses of which most waits, beyond for all; nearly full by its own maxmemory counts the same"`
	Oldest      Duration `yaml:"oldest" default:"0" min:"0" unit:"0: unlimited" doc:"age of the oldest event of a business that waits for delivery; beyond: 503 for that business"`
	PerBusiness int      `yaml:"per_business" default:"0" min:"0" unit:"events; 0: unlimited" doc:"events of one business that wait for delivery, one for each endpoint; beyond: 503 for that business"`
	PerToken    Rate     `yaml:"per_token" default:"200/s" min:"1/h" max:"100000/s" unit:"on each node, twice as many at once" doc:"calls of a business's software with one token; beyond: 429"`
}

// Platform is the platform's API.
type Platform struct {
	GraphURL     string `yaml:"graph_url" default:"https://graph.facebook.com" doc:"base URL; http only towards this machine, for a stand-in"`
	GraphVersion string `yaml:"graph_version" default:"v25.0" format:"version" doc:"version of the API that Bauta itself speaks, and of calls that name none"`
}

// App is one app of the platform.
type App struct {
	ID          string   `yaml:"id" required:"give it a short name" format:"id" doc:"name in the webhook URL: /webhooks/{id}"`
	VerifyToken Secret   `yaml:"verify_token" required:"set it to the verify token of the app's webhook settings" doc:"verify token of the app's webhook settings"`
	AppSecrets  []Secret `yaml:"app_secrets" required:"set it to the app secret: without one anybody could send webhooks" doc:"app secrets, several while one is being replaced"`
}
