package main

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// store is a redis-server that keeps nothing on disk.
type store struct {
	*process

	address string
	client  *goredis.Client
}

func startStore(ctx context.Context) (*store, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := l.Addr().String()
	_ = l.Close()
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	p, err := start(ctx, nil, "redis-server", "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--logfile", "/dev/null")
	if err != nil {
		return nil, fmt.Errorf("redis-server (Debian: apt-get install redis-server): %w", err)
	}
	s := &store{process: p, address: address, client: goredis.NewClient(&goredis.Options{Addr: address, Protocol: 2, DisableIdentity: true})}
	return s, until(ctx, 10*time.Second, "redis-server", func() bool { return s.client.Ping(ctx).Err() == nil })
}

func (s *store) stop() {
	_ = s.client.Close()
	s.process.stop()
}

// work is what the server has done so far: commands (those of scripts too), and reads
// from sockets, of which a round trip takes one.
type work struct{ commands, reads int64 }

func (s *store) work(ctx context.Context) (work, error) {
	info, err := s.client.InfoMap(ctx, "stats", "commandstats").Result()
	if err != nil {
		return work{}, fmt.Errorf("ask redis-server what it did: %w", err)
	}
	var w work
	for _, stats := range info["Commandstats"] {
		calls, _, _ := strings.Cut(strings.TrimPrefix(stats, "calls="), ",")
		n, err := strconv.ParseInt(calls, 10, 64)
		if err != nil {
			return work{}, fmt.Errorf("redis-server tells %q of a command: %w", stats, err)
		}
		w.commands += n
	}
	w.reads, err = strconv.ParseInt(info["Stats"]["total_reads_processed"], 10, 64)
	return w, err
}

// until asks every 5 ms.
func until(ctx context.Context, within time.Duration, what string, is func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !is() {
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s: not within %s", what, within)
		case <-tick.C:
		}
	}
	return nil
}
