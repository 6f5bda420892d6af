package redis

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"

	goredis "github.com/redis/go-redis/v9"
)

// checks are what a server must satisfy before it may keep events.
type checks struct {
	options Options
	logger  *slog.Logger
}

// node checks one master. What a managed Redis refuses to tell is a warning,
// except where the acknowledgement level rests on it.
func (c checks) node(ctx context.Context, client *goredis.Client) error {
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
func (c checks) durable(ctx context.Context, client *goredis.Client, info map[string]string) error {
	config, err := client.ConfigGet(ctx, "append*").Result()
	refused := err != nil
	if refused && errors.Is(fault(err), ErrUnavailable) && !goredis.IsPermissionError(err) {
		return fault(err)
	}
	if c.options.Acknowledge == Fsync {
		return c.fsync(config, refused)
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

func (c checks) fsync(config map[string]string, refused bool) error {
	if c.options.AssumeAppendFsync {
		return nil
	}
	if refused {
		return fmt.Errorf("%w: it refuses CONFIG, so appendfsync is unknown: set redis.assume_appendfsync: always if it is so, "+
			"or another redis.acknowledge", ErrMisconfigured)
	}
	if config["appendonly"] != "yes" || config["appendfsync"] != "always" {
		return fmt.Errorf("%w: redis.acknowledge: fsync needs appendonly yes and appendfsync always on the server (they are %s and %s)",
			ErrMisconfigured, word(config["appendonly"]), word(config["appendfsync"]))
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
