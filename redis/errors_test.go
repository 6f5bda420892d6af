package redis_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"

	goredis "github.com/redis/go-redis/v9"

	"bauta/redis"
)

// reply is an error that a server answered with.
type reply string

func (r reply) Error() string { return string(r) }
func (reply) RedisError()     {}

func TestFaultsAreSortedAndHoldNoArguments(t *testing.T) {
	t.Parallel()
	const secret = "16505551234"
	rows := []struct {
		name string
		err  error
		kind error
		says string
	}{
		{"no error", nil, nil, ""},
		{"a nil reply", goredis.Nil, nil, ""},
		{"loading", reply("LOADING Redis is loading the dataset in memory"), redis.ErrUnavailable, "LOADING"},
		{"read-only", reply("READONLY You can't write against a read only replica."), redis.ErrUnavailable, "READONLY"},
		{"no master", reply("MASTERDOWN Link with MASTER is down"), redis.ErrUnavailable, "MASTERDOWN"},
		{"no cluster", reply("CLUSTERDOWN Hash slot not served"), redis.ErrUnavailable, "CLUSTERDOWN"},
		{"out of memory", reply("OOM command not allowed when used memory > 'maxmemory'."), redis.ErrUnavailable, "OOM"},
		{"cannot persist", reply("MISCONF Errors writing to the AOF file"), redis.ErrUnavailable, "MISCONF"},
		{"a slot that moved", reply("MOVED 3999 127.0.0.1:6381"), redis.ErrUnavailable, "MOVED"},
		{"too few replicas", reply("NOREPLICAS Not enough good replicas to write."), redis.ErrUnavailable, "NOREPLICAS"},
		{"too many clients", reply("ERR max number of clients reached"), redis.ErrUnavailable, "MAXCLIENTS"},
		{"a wrong password", reply("WRONGPASS invalid username-password pair"), redis.ErrUnavailable, "credentials"},
		{
			"out of memory inside a script, as 6.2 says it",
			reply("ERR Error running script (call to f_ab): @user_script:4: -OOM command not allowed"), redis.ErrUnavailable, "OOM (user_script:4)",
		},
		{"a fault in a script", reply("ERR user_script:12: attempt to index " + secret), redis.ErrRefused, "user_script:12"},
		{"keys of two slots", reply("CROSSSLOT Keys in request don't hash to the same slot"), redis.ErrRefused, "CROSSSLOT"},
		{"a wrong type", reply("WRONGTYPE Operation against a key"), redis.ErrRefused, "WRONGTYPE"},
		{"an unknown command", reply("ERR unknown command 'X', with args beginning with: '" + secret + "'"), redis.ErrRefused, "ERR"},
		{"a code that is none", reply(secret + " is no code"), redis.ErrRefused, "ERR"},
		{"a closed connection", io.EOF, redis.ErrUnavailable, "closed"},
		{"a refused connection", &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}, redis.ErrUnavailable, "connection refused"},
		{"no free connection", goredis.ErrPoolTimeout, redis.ErrUnavailable, "no connection became free"},
		{"a closed client", goredis.ErrClosed, redis.ErrUnavailable, "the client is closed"},
		{"a caller that left", fmt.Errorf("x %s: %w", secret, context.Canceled), redis.ErrUnavailable, "canceled"},
		{"a caller whose time is up", context.DeadlineExceeded, redis.ErrUnavailable, "deadline"},
		{"anything else", errors.New(secret), redis.ErrUnavailable, "the exchange failed"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			got := redis.Fault(row.err)
			if row.kind == nil {
				if got != nil {
					t.Errorf("%v, want none", got)
				}
				return
			}
			if !errors.Is(got, row.kind) || !strings.Contains(got.Error(), row.says) {
				t.Errorf("%v, want %v with %q", got, row.kind, row.says)
			}
			if strings.Contains(got.Error(), secret) {
				t.Errorf("%v holds an argument", got)
			}
		})
	}
}

// Whoever looks at /readyz wants to know whether the server is away or does not want to.
func TestASilentServerIsToldFromOneThatRefuses(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name   string
		err    error
		silent bool
	}{
		{"nobody listens", &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}, true},
		{"the connection broke", io.EOF, true},
		{"the time is up", context.DeadlineExceeded, true},
		{"a time-out of the connection", &net.OpError{Op: "read", Net: "tcp", Err: os.ErrDeadlineExceeded}, true},
		{"read-only", reply("READONLY You can't write against a read only replica."), false},
		{"out of memory", reply("OOM command not allowed when used memory > 'maxmemory'."), false},
		{"no credentials", reply("NOAUTH Authentication required."), false},
		{"this side closed", goredis.ErrClosed, false},
		{"this side has no connection free", goredis.ErrPoolTimeout, false},
		{"the caller left", context.Canceled, false},
	}
	for _, row := range rows {
		if got := redis.Fault(row.err); errors.Is(got, redis.ErrSilent) != row.silent || !errors.Is(got, redis.ErrUnavailable) {
			t.Errorf("%s: %v, silent %v", row.name, got, !row.silent)
		}
	}
}
