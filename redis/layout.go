package redis

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	goredis "github.com/redis/go-redis/v9"
)

// Layout says which servers are the masters at this moment, and of a cluster which slots
// each has. A walk over all keys (SCAN) has met every key only if it is the same before
// and after, and settled: no slot is on its way from one to another. A fail-over in
// between gives a walk a server whose table is ordered otherwise. What a managed server
// refuses to tell is left out.
func (s *Store) Layout(ctx context.Context) (layout string, settled bool, err error) {
	_, cluster := s.client.(*goredis.ClusterClient)
	var mu sync.Mutex
	var all []string
	settled = true
	err = s.EachMaster(ctx, func(ctx context.Context, master *goredis.Client) error {
		text, err := runOf(ctx, master)
		if err != nil {
			return err
		}
		if cluster {
			nodes, err := told(master.ClusterNodes(ctx))
			if err != nil {
				return err
			}
			text += " " + slotsOf(nodes)
		}
		mu.Lock()
		defer mu.Unlock()
		all = append(all, text)
		settled = settled && !strings.Contains(text, "[")
		return nil
	})
	slices.Sort(all)
	return strings.Join(all, "\n"), settled, err
}

// told is what a server answers; "" where it refuses to tell.
func told(cmd *goredis.StringCmd) (string, error) {
	text, err := cmd.Result()
	if errors.Is(fault(err), ErrRefused) || goredis.IsPermissionError(err) {
		return "", nil
	}
	return text, err
}

// runOf names a run of a server; "" where it is not told.
func runOf(ctx context.Context, master *goredis.Client) (string, error) {
	info, err := told(master.Info(ctx, "server"))
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(info) {
		if id, ok := strings.CutPrefix(strings.TrimSpace(line), "run_id:"); ok {
			return id, nil
		}
	}
	return "", nil
}

// slotsOf reads a server's own line: id, address, flags, master, two times, epoch, link,
// then its slots; those on their way stand in brackets
// (https://redis.io/docs/latest/commands/cluster-nodes/).
func slotsOf(nodes string) string {
	for line := range strings.Lines(nodes) {
		fields := strings.Fields(line)
		if len(fields) >= 8 && strings.Contains(fields[2], "myself") {
			return fields[0] + " " + strings.Join(fields[8:], " ")
		}
	}
	return ""
}
