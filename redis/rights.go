package redis

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	goredis "github.com/redis/go-redis/v9"
)

// Rights is what a user of the server has to be allowed and nothing else, in the words of
// ACL SETUSER: keys, the channel, and every command that is run.
func Rights() string {
	// Those of connections, checks at start, key rotation and the balance of events; the server's own commands
	// are shown in two words by it.
	names := []string{"asking", "bgsave", "cluster|nodes", "cluster|slots", "config|get", "dbsize", "discard", "exec", "info", "multi", "ping", "scan", "select", "unwatch", "wait", "watch"}
	for _, c := range needed() {
		name, _, _ := strings.Cut(c, " ")
		names = append(names, strings.ToLower(name))
	}
	slices.Sort(names)
	return "~bauta:* &" + WakeChannel + " -@all +" + strings.Join(names, " +")
}

// needed are the commands that events depend on, each with as many arguments as it takes.
func needed() []string {
	return []string{
		"DEL bauta:", "EXISTS bauta:", "GET bauta:", "GETRANGE bauta: 0 0", "PERSIST bauta:", "PEXPIRE bauta: 1", "PEXPIREAT bauta: 1", "PTTL bauta:", "SET bauta: x",
		"HDEL bauta: f", "HEXISTS bauta: f", "HGET bauta: f", "HGETALL bauta:", "HINCRBY bauta: f 1", "HLEN bauta:", "HMGET bauta: f", "HSET bauta: f x", "HSETNX bauta: f x",
		"LINDEX bauta: 0", "LLEN bauta:", "LPOP bauta:", "LRANGE bauta: 0 0", "LREM bauta: 0 x", "LTRIM bauta: 0 0", "RPUSH bauta: x",
		"SADD bauta: x", "SCARD bauta:", "SISMEMBER bauta: x", "SMEMBERS bauta:", "SREM bauta: x",
		"ZADD bauta: 0 x", "ZCARD bauta:", "ZLEXCOUNT bauta: - +", "ZRANGE bauta: 0 0", "ZRANGEBYLEX bauta: - +", "ZRANGEBYSCORE bauta: 0 0",
		"ZREM bauta: x", "ZREMRANGEBYLEX bauta: - +", "ZREMRANGEBYSCORE bauta: 0 0", "ZSCAN bauta: 0", "ZSCORE bauta: x",
		"EVAL x 1 bauta:", "EVALSHA x 1 bauta:", "TIME", "PUBLISH " + WakeChannel + " x", "SUBSCRIBE " + WakeChannel,
	}
}

// allowed tells whether the user of the URL has the rights on a server. The commands are
// put into a transaction that is discarded: a server looks at rights when it queues them.
func allowed(ctx context.Context, node *goredis.Client) error {
	conn := node.Conn()
	defer func() { _ = conn.Close() }()
	if err := conn.Do(ctx, "MULTI").Err(); err != nil && !goredis.IsPermissionError(err) {
		return silent(err) // something between that knows no transactions
	} else if err != nil {
		return lacking(node, []string{"multi"})
	}
	pipe := conn.Pipeline()
	var cmds []*goredis.Cmd
	for _, c := range needed() {
		var args []any
		for word := range strings.FieldsSeq(c) {
			args = append(args, word)
		}
		cmds = append(cmds, pipe.Do(ctx, args...))
	}
	pipe.Do(ctx, "DISCARD")
	_, _ = pipe.Exec(ctx)
	var lacks []string
	for _, cmd := range cmds {
		if goredis.IsPermissionError(cmd.Err()) {
			lacks = append(lacks, cmd.Name()+on(cmd.Err()))
		}
	}
	if len(lacks) > 0 {
		return lacking(node, lacks)
	}
	return silent(cmds[0].Err())
}

// silent is the error of a server that does not answer.
func silent(err error) error {
	if f := fault(err); errors.Is(f, ErrSilent) {
		return f
	}
	return nil
}

func lacking(node *goredis.Client, rights []string) error {
	return fmt.Errorf("%w: the user of redis.url lacks rights on the server at %s: %s. Give it all of \"Rights in Redis\" in deploy/reference/redis.md with ACL SETUSER",
		ErrMisconfigured, node.Options().Addr, strings.Join(rights, ", "))
}

// on tells whether a command is refused for its keys or its channel.
func on(err error) string {
	switch text := err.Error(); {
	case strings.Contains(text, " key"):
		return " (on keys bauta:*)"
	case strings.Contains(text, " channel"):
		return " (on channel " + WakeChannel + ")"
	}
	return ""
}
