package keyring

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"bauta/redis"
)

const (
	// flushed is how long a server with appendfsync everysec may take to have a write on
	// its disk (redis.conf).
	flushed = 2 * time.Second
	// savedPoll is how often a server is asked whether it is done.
	savedPoll = 200 * time.Millisecond
)

// Saved waits until every master that keeps anything has what is stored now on its
// disk, and its replicas have it: what is destroyed afterwards must not be needed again
// after a restart or a fail-over. A server that keeps snapshots only is told to make
// one. What a managed server refuses to tell, or to do, is returned as a warning. Ctx
// bounds the wait.
func Saved(ctx context.Context, store *redis.Store) (warnings []string, err error) {
	warned := make(chan string, 64)
	err = store.EachMaster(ctx, func(ctx context.Context, master *goredis.Client) error {
		err := errors.Join(replicated(ctx, master), onDisk(ctx, master))
		if refused := redis.Fault(err); errors.Is(refused, redis.ErrRefused) || goredis.IsPermissionError(err) {
			select {
			case warned <- "redis does not tell whether what is stored is on its disk and in its replicas":
			default:
			}
			return nil
		}
		return err
	})
	close(warned)
	for w := range warned {
		warnings = append(warnings, w)
	}
	return warnings, err
}

// replicated waits for the replicas that are connected.
func replicated(ctx context.Context, master *goredis.Client) error {
	info, err := section(ctx, master, "replication")
	if err != nil {
		return err
	}
	offset := number(info["master_repl_offset"])
	return until(ctx, func() (bool, error) {
		info, err := section(ctx, master, "replication")
		if err != nil {
			return false, err
		}
		for i := range number(info["connected_slaves"]) {
			for field := range strings.SplitSeq(info["slave"+strconv.FormatInt(i, 10)], ",") {
				if at, ok := strings.CutPrefix(field, "offset="); ok && number(at) < offset {
					return false, nil
				}
			}
		}
		return true, nil
	})
}

// onDisk waits for the append-only file, or else for a snapshot that was begun now.
func onDisk(ctx context.Context, master *goredis.Client) error {
	info, err := section(ctx, master, "persistence")
	if err != nil {
		return err
	}
	if info["aof_enabled"] == "1" {
		began := time.Now()
		return until(ctx, func() (bool, error) {
			info, err := section(ctx, master, "persistence")
			return err == nil && info["aof_last_write_status"] == "ok" && time.Since(began) >= flushed, err
		})
	}
	save, err := master.ConfigGet(ctx, "save").Result()
	if err != nil || save["save"] == "" { // a restart loses everything anyhow, as was said at the start
		return err
	}
	return snapshot(ctx, master)
}

// snapshot waits for one that may be under way, and then for one of its own.
func snapshot(ctx context.Context, master *goredis.Client) error {
	idle := func() (bool, error) {
		info, err := section(ctx, master, "persistence")
		return err == nil && info["rdb_bgsave_in_progress"] == "0" && info["aof_rewrite_in_progress"] != "1", err
	}
	if err := until(ctx, idle); err != nil {
		return err
	}
	if err := master.BgSave(ctx).Err(); err != nil {
		return err
	}
	if err := until(ctx, idle); err != nil {
		return err
	}
	info, err := section(ctx, master, "persistence")
	if err == nil && info["rdb_last_bgsave_status"] != "ok" {
		return fmt.Errorf("%w: redis could not save a snapshot (see its log)", redis.ErrUnavailable)
	}
	return err
}

// until asks again and again.
func until(ctx context.Context, done func() (bool, error)) error {
	ticker := time.NewTicker(savedPoll)
	defer ticker.Stop()
	for {
		ok, err := done()
		if ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: what is stored is not on disk and in all replicas yet", redis.ErrUnavailable)
		case <-ticker.C:
		}
	}
}

// section reads one section of INFO.
func section(ctx context.Context, master *goredis.Client, name string) (map[string]string, error) {
	text, err := master.Info(ctx, name).Result()
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for line := range strings.Lines(text) {
		if key, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			out[key] = value
		}
	}
	return out, nil
}

func number(text string) int64 {
	n, _ := strconv.ParseInt(text, 10, 64) // what is not there counts as 0
	return n
}
