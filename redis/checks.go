package redis

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"

	goredis "github.com/redis/go-redis/v9"
)

// checks are what a server must satisfy before it may keep events. Masters are
// checked at the same time.
type checks struct {
	options Options
	logger  *slog.Logger

	mu sync.Mutex
	// waits and never count masters that have WAITAOF, and that do not; slack is why
	// one without it does not fsync before it answers.
	waits, never int
	slack        error
}

// proof is what has to be asked behind a write, of all masters alike. Where all have
// WAITAOF it is asked, whatever their settings: those can change, and a fail-over can
// bring others.
func (c *checks) proof() (proof, error) {
	switch {
	case c.options.Acknowledge == Replica:
		return c.options.onReplicas(), nil
	case c.waits > 0 && c.never == 0:
		return c.options.onDisk(), nil
	}
	return proof{}, c.slack
}

// node checks one master. What a managed Redis refuses to tell is a warning,
// except where the acknowledgement level rests on it.
func (c *checks) node(ctx context.Context, client *goredis.Client) error {
	info, err := infos(ctx, client, "server", "replication", "memory", "persistence")
	if err != nil {
		if errors.Is(fault(err), ErrUnavailable) && !goredis.IsPermissionError(err) {
			return fault(err)
		}
		c.logger.WarnContext(ctx, "redis refuses INFO: eviction policy, role and version are not checked")
		return c.durable(ctx, client, nil)
	}
	if err := newEnough(info["redis_version"]); err != nil {
		return err
	}
	if kind, _, err := c.options.kind(); err == nil && kind != "cluster" && info["redis_mode"] == "cluster" {
		return fmt.Errorf("%w: it is one node of a cluster: write redis+cluster:// (or rediss+cluster://) in redis.url", ErrMisconfigured)
	}
	if err := fit(info); err != nil {
		return err
	}
	return c.durable(ctx, client, info)
}

// fit tells what must hold at any time, not only at start.
func fit(info map[string]string) error {
	if role, ok := info["role"]; ok && role != "master" {
		return fmt.Errorf("%w: it is a replica and read-only: point redis.url at the master, or use Sentinel or cluster mode", ErrMisconfigured)
	}
	if policy, ok := info["maxmemory_policy"]; ok && policy != "noeviction" {
		return fmt.Errorf("%w: maxmemory-policy is %s, which would drop accepted events: set maxmemory-policy noeviction", ErrMisconfigured, word(policy))
	}
	return nil
}

// newEnough asks for 6.2, the first with all the commands that are used.
func newEnough(version string) error {
	parts := strings.SplitN(version, ".", 3)
	if len(parts) < 2 {
		return nil
	}
	major, errMajor := strconv.Atoi(parts[0])
	minor, errMinor := strconv.Atoi(parts[1])
	if errors.Join(errMajor, errMinor) != nil {
		return nil //nolint:nilerr // a version that cannot be read proves nothing
	}
	if major < 6 || (major == 6 && minor < 2) {
		return fmt.Errorf("%w: the server is version %s: use 6.2 or newer", ErrMisconfigured, word(version))
	}
	return nil
}

// durable compares the server's persistence with the acknowledgement level.
func (c *checks) durable(ctx context.Context, client *goredis.Client, info map[string]string) error {
	if c.options.Acknowledge == Replica {
		if err := c.replica(ctx, client); err != nil {
			return err
		}
	}
	config, err := client.ConfigGet(ctx, "*append*").Result()
	refused := err != nil
	if refused && errors.Is(fault(err), ErrUnavailable) && !goredis.IsPermissionError(err) {
		return fault(err)
	}
	if c.options.Acknowledge == Fsync {
		return c.fsync(ctx, client, config, refused)
	}
	if refused && info == nil {
		c.logger.WarnContext(ctx, "redis refuses CONFIG and INFO: persistence is not checked")
		return nil
	}
	if info["aof_enabled"] == "1" || config["appendonly"] == "yes" {
		return nil
	}
	save, err := client.ConfigGet(ctx, "save").Result()
	switch {
	case err != nil:
		c.logger.WarnContext(ctx, "redis refuses CONFIG: whether it keeps snapshots is not checked, and it keeps no append-only file")
	case save["save"] == "":
		c.logger.WarnContext(ctx, "redis keeps nothing on disk: a restart of it loses acknowledged events (set appendonly yes)")
	default:
		c.logger.WarnContext(ctx, "redis keeps snapshots only: a crash of it loses what was acknowledged since the last one (set appendonly yes)")
	}
	return nil
}

// replica finds a server that cannot say what replicas have. How many there are is
// found with the first write, which waits for them.
func (c *checks) replica(ctx context.Context, client *goredis.Client) error {
	err := client.Do(ctx, "WAIT", 0, 1).Err()
	if unknown(err) {
		return fmt.Errorf("%w: it refuses WAIT, so redis.acknowledge: replica cannot be kept: allow WAIT to the user of redis.url, "+
			"or set another redis.acknowledge", ErrMisconfigured)
	}
	return fault(err)
}

// fsync notes how a master can say that a write is on its disk: by WAITAOF, or by an
// answer that comes after the fsync.
func (c *checks) fsync(ctx context.Context, client *goredis.Client, config map[string]string, refused bool) error {
	if c.options.AssumeAppendFsync {
		return nil
	}
	// A server without an append-only file refuses to wait for one.
	err := client.Do(ctx, "WAITAOF", 1, 0, 1).Err()
	if err != nil && !unknown(err) {
		return fault(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case err == nil && !refused && config["appendfsync"] == "no":
		return fmt.Errorf("%w: redis.acknowledge: fsync never comes about with appendfsync no: set appendfsync always, or everysec", ErrMisconfigured)
	case err == nil:
		c.waits++
	default:
		c.never++
	}
	if slack := synced(config, refused); slack != nil {
		c.slack = slack
	}
	return nil
}

// synced tells why a server without WAITAOF answers before a write is on its disk; nil
// if it does not.
func synced(config map[string]string, refused bool) error {
	switch {
	case refused:
		return fmt.Errorf("%w: it refuses CONFIG, so appendfsync is unknown: set redis.assume_appendfsync: always if it is so, "+
			"or another redis.acknowledge", ErrMisconfigured)
	case config["appendonly"] != "yes" || config["appendfsync"] != "always":
		return fmt.Errorf("%w: redis.acknowledge: fsync needs appendonly yes and appendfsync always on the server (they are %s and %s), "+
			"or appendonly yes on one that has WAITAOF (Redis 7.2)", ErrMisconfigured, word(config["appendonly"]), word(config["appendfsync"]))
	case config["no-appendfsync-on-rewrite"] == "yes":
		return fmt.Errorf("%w: redis.acknowledge: fsync needs no-appendfsync-on-rewrite no on the server: "+
			"else it does not fsync while it rewrites its file", ErrMisconfigured)
	}
	return nil
}

// word keeps what a server says short and plain in an error.
func word(text string) string {
	if text == "" || len(text) > 40 || strings.ContainsAny(text, "\r\n\t ") {
		return "unknown"
	}
	return text
}

// infos asks for sections of INFO one by one: servers before 7.0 take one only.
func infos(ctx context.Context, client *goredis.Client, sections ...string) (map[string]string, error) {
	pipe := client.Pipeline()
	cmds := make([]*goredis.StringCmd, len(sections))
	for i, section := range sections {
		cmds[i] = pipe.Info(ctx, section)
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, cmd := range cmds {
		for line := range strings.Lines(cmd.Val()) {
			if key, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
				out[key] = value
			}
		}
	}
	return out, nil
}
