package redis

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// Acknowledge is when a write counts as stored.
type Acknowledge uint8

// The acknowledgement levels of redis.acknowledge.
const (
	// Memory: the server has it in memory.
	Memory Acknowledge = iota
	// Fsync: the server has it on disk (appendfsync always, or WAITAOF).
	Fsync
	// Replica: so many replicas have it in memory as well.
	Replica
)

// DefaultShards is the number of shards of a new store.
const DefaultShards = 256

// Options of a store. The zero value of every field but URL and Logger is usable.
type Options struct {
	// URL: redis, rediss, redis+sentinel, rediss+sentinel, redis+cluster or
	// rediss+cluster. Sentinel needs ?master_name=; further addresses are
	// ?addr=host:port. It is never quoted in an error or a log.
	URL string
	// TLS is for the URLs that begin with rediss.
	TLS         TLS
	Acknowledge Acknowledge
	// Replicas and AcknowledgeTimeout belong to Replica: 1 and 2 s if zero.
	Replicas           int
	AcknowledgeTimeout time.Duration
	// AssumeAppendFsync vouches for appendfsync always where a managed Redis
	// refuses to tell.
	AssumeAppendFsync bool
	// WaitOnStart is how long Open waits for a server that does not answer.
	WaitOnStart time.Duration
	// Shards is fixed at first start; 0 takes what the store was made with, or
	// DefaultShards.
	Shards int
	// Fingerprint of the key set; "" is neither stored nor compared.
	Fingerprint string
	// Lookup is the look-up key (its id) that a new store needs, FirstLookup the one that
	// a store needs which does not say; "": Needed tells nothing.
	Lookup, FirstLookup string
	// ReadOnly: opening writes nothing, so that an empty store stays empty. What a
	// store holds has to fit all the same.
	ReadOnly bool
	// Embedded: the server is the one in this process, which has no CONFIG and
	// no INFO to check.
	Embedded bool
	// OnClose runs after the connections of a closed store ended.
	OnClose func()
	Logger  *slog.Logger
	// Hooks see every command, in tests. Arguments reach them: never log there.
	Hooks []goredis.Hook
}

const (
	dialTimeout  = 2 * time.Second
	replyTimeout = 3 * time.Second
	poolTimeout  = 2 * time.Second
	poolSize     = 64
	// bulkPool is small: what reads much is in no hurry.
	bulkPool = 8
)

func (o Options) withDefaults() Options {
	if o.Replicas <= 0 {
		o.Replicas = 1
	}
	if o.AcknowledgeTimeout <= 0 {
		o.AcknowledgeTimeout = 2 * time.Second
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

// errURL is all that is said of a bad URL: its text may hold a password, and
// the errors of net/url quote it.
var errURL = errors.New("redis.url is not understood: write redis://user:password@host:6379/0 " +
	"(or rediss, redis+sentinel with ?master_name=, redis+cluster), with special characters of the password percent-encoded")

// CheckURL returns the error with which Open would refuse a URL, nil if it would
// not. Nothing is dialled, and the error never quotes the URL.
func CheckURL(text string) error {
	_, _, err := Options{URL: text}.understood()
	return err
}

// understood takes the URL apart: which kind of client, and its options.
func (o Options) understood() (kind string, u *goredis.UniversalOptions, err error) {
	kind, plain, err := o.kind()
	if err != nil {
		return "", nil, err
	}
	u, err = o.universal(kind, plain)
	if err != nil {
		return "", nil, fmt.Errorf("%w: %w", ErrMisconfigured, errURL)
	}
	if err := o.TLS.onto(u.TLSConfig); err != nil {
		return "", nil, err
	}
	if kind == "sentinel" && u.MasterName == "" {
		return "", nil, fmt.Errorf("%w: redis.url needs ?master_name= for Sentinel", ErrMisconfigured)
	}
	return kind, u, nil
}

// clients builds three clients of the URL's kind, each with connections of its own: for
// short exchanges, for writes that wait, for bulk. Nothing is dialled before it is used.
func (o Options) clients() ([3]goredis.UniversalClient, error) {
	var out [3]goredis.UniversalClient
	kind, u, err := o.understood()
	if err != nil {
		return out, err
	}
	for i := range out {
		own := *u
		// A client of a cluster appends to its addresses what it hears of.
		own.Addrs = slices.Clip(slices.Clone(u.Addrs))
		if i == len(out)-1 {
			own.PoolSize = min(own.PoolSize, bulkPool)
			own.MaxActiveConns = own.PoolSize
		}
		out[i] = clientOf(kind, &own)
		for _, h := range o.Hooks {
			out[i].AddHook(h)
		}
	}
	return out, nil
}

// detours builds a client for each node of a cluster that is met on the way; nil where
// there is none.
func (o Options) detours() *detours {
	if kind, _, err := o.kind(); err != nil || kind != "cluster" {
		return nil
	}
	return &detours{open: map[string]*goredis.Client{}, to: func(address string) *goredis.Client {
		_, u, err := o.understood()
		if err != nil {
			u = &goredis.UniversalOptions{} // never: the clients were built from it
		}
		u.Addrs = []string{address}
		c := goredis.NewClient(u.Simple())
		for _, h := range o.Hooks {
			c.AddHook(h)
		}
		return c
	}}
}

func clientOf(kind string, u *goredis.UniversalOptions) goredis.UniversalClient {
	switch kind {
	case "sentinel":
		return goredis.NewFailoverClient(u.Failover())
	case "cluster":
		c := u.Cluster()
		// Every call names its key and its reply belongs to one node: nothing
		// has to be asked of COMMAND, which some servers refuse.
		c.DisableRoutingPolicies = true
		return goredis.NewClusterClient(c)
	}
	return goredis.NewClient(u.Simple())
}

// kind splits the scheme's suffix off: "", "sentinel" or "cluster".
func (o Options) kind() (kind, plain string, err error) {
	u, err := url.Parse(o.URL)
	if err != nil || u.Host == "" {
		return "", "", fmt.Errorf("%w: %w", ErrMisconfigured, errURL)
	}
	scheme, kind, _ := strings.Cut(u.Scheme, "+")
	known := kind == "" || kind == "sentinel" || kind == "cluster"
	if (scheme != "redis" && scheme != "rediss") || !known {
		return "", "", fmt.Errorf("%w: %w", ErrMisconfigured, errURL)
	}
	u.Scheme = scheme
	return kind, u.String(), nil
}

// universal is what all kinds have in common. The client sends no command twice on its
// own account: a lost reply is not a lost write, and with MaxRedirects it would repeat
// those, too. What a cluster says of a slot that moved is followed here (detour.go).
func (o Options) universal(kind, plain string) (*goredis.UniversalOptions, error) {
	u, err := parse(kind, plain)
	if err != nil {
		return nil, err
	}
	u.Protocol = 2
	u.MaxRetries = -1
	u.MaxRedirects = -1
	u.ContextTimeoutEnabled = true
	u.DialTimeout = dialTimeout
	u.DialerRetries = 1
	u.ReadTimeout = max(replyTimeout, o.AcknowledgeTimeout+time.Second)
	u.WriteTimeout = replyTimeout
	u.PoolTimeout = poolTimeout
	if u.PoolSize == 0 {
		u.PoolSize = poolSize
	}
	u.MaxActiveConns = u.PoolSize
	u.PipelinePoolSize = -1
	u.DisableIdentity = true
	u.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	return u, nil
}

// parse takes addresses, credentials, TLS and pool size from the URL.
func parse(kind, plain string) (*goredis.UniversalOptions, error) {
	switch kind {
	case "sentinel":
		return parseSentinel(plain)
	case "cluster":
		c, err := goredis.ParseClusterURL(plain)
		if err != nil {
			return nil, err
		}
		return &goredis.UniversalOptions{
			Addrs: c.Addrs, PoolSize: c.PoolSize, TLSConfig: minTLS(c.TLSConfig), Username: c.Username, Password: c.Password,
		}, nil
	}
	s, err := goredis.ParseURL(plain)
	if err != nil {
		return nil, err
	}
	return &goredis.UniversalOptions{
		Addrs: []string{s.Addr}, DB: s.DB, PoolSize: s.PoolSize, TLSConfig: minTLS(s.TLSConfig), Username: s.Username, Password: s.Password,
	}, nil
}

// parseSentinel gives user and password of the URL to the servers with the data, as in
// all other kinds; the sentinels' own stand in the query.
func parseSentinel(plain string) (*goredis.UniversalOptions, error) {
	u, err := url.Parse(plain)
	if err != nil {
		return nil, err
	}
	query := u.Query()
	name, password := query.Get("sentinel_username"), query.Get("sentinel_password")
	query.Del("sentinel_username")
	query.Del("sentinel_password")
	if query.Has("username") || query.Has("password") {
		return nil, errURL
	}
	u.RawQuery = query.Encode()
	f, err := goredis.ParseFailoverURL(u.String())
	if err != nil {
		return nil, err
	}
	return &goredis.UniversalOptions{
		Addrs: f.SentinelAddrs, MasterName: f.MasterName, DB: f.DB, PoolSize: f.PoolSize, TLSConfig: minTLS(f.TLSConfig),
		SentinelUsername: name, SentinelPassword: password, Username: f.SentinelUsername, Password: f.SentinelPassword,
	}, nil
}

func minTLS(c *tls.Config) *tls.Config {
	if c != nil && c.MinVersion < tls.VersionTLS12 {
		c.MinVersion = tls.VersionTLS12
	}
	return c
}

// addresses are the hosts of the URL, for errors: no credentials in them.
func (o Options) addresses() string {
	_, u, err := o.understood()
	if err != nil {
		return "redis.url"
	}
	return strings.Join(u.Addrs, ", ")
}

// eachMaster runs fn on every master.
func eachMaster(ctx context.Context, client goredis.UniversalClient, fn func(context.Context, *goredis.Client) error) error {
	switch c := client.(type) {
	case *goredis.Client:
		return fn(ctx, c)
	case *goredis.ClusterClient:
		return c.ForEachMaster(ctx, fn)
	}
	return fmt.Errorf("%w: a client of type %T", ErrMisconfigured, client)
}
