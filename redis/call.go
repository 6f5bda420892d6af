package redis

import (
	"context"
	"crypto/sha1" //nolint:gosec // EVALSHA names scripts by SHA-1; it protects nothing
	"encoding/hex"
	"fmt"
	"strconv"

	goredis "github.com/redis/go-redis/v9"
)

// Script is a Lua script that Redis runs as one step. It touches only its
// declared KEYS, all of one slot, and uses redis.call and cjson only. Immutable.
type Script struct{ source, sha string }

// NewScript names a script by its digest. Nothing is sent.
func NewScript(source string) *Script {
	sum := sha1.Sum([]byte(source)) //nolint:gosec // see the import
	return &Script{source: source, sha: hex.EncodeToString(sum[:])}
}

// Source is the Lua text, for tests of what it touches.
func (s *Script) Source() string { return s.source }

// Call is one command or script on its way to Redis. Build it with Command or
// Script.Call.
type Call struct {
	script *Script
	name   string
	keys   []string
	args   []any
}

// Command is a plain command whose first argument is its key.
func Command(name, key string, args ...any) Call {
	return Call{name: name, keys: []string{key}, args: args}
}

// Call runs the script with its keys, at least one, all of one slot.
// Arguments are strings, bytes, integers, booleans (1 and 0), or addresses of such,
// which must not change until it was sent.
func (s *Script) Call(keys []string, args ...any) Call {
	return Call{script: s, keys: keys, args: args}
}

// cmd is the command for the client; whole sends a script's text instead of its
// digest. Strings are handed over by their address, which takes no memory.
func (c *Call) cmd(ctx context.Context, whole bool) *goredis.Cmd {
	args := make([]any, 0, len(c.keys)+len(c.args)+3)
	first := int8(1)
	switch {
	case c.script == nil:
		args = append(args, &c.name)
	case whole:
		args, first = append(args, "EVAL", &c.script.source, len(c.keys)), 3
	default:
		args, first = append(args, "EVALSHA", &c.script.sha, len(c.keys)), 3
	}
	for i := range c.keys {
		args = append(args, &c.keys[i])
	}
	cmd := goredis.NewCmd(ctx, append(args, c.args...)...)
	cmd.SetFirstKeyPos(first)
	return cmd
}

// Result is what a call came to. Err wraps ErrUnavailable or ErrRefused; beside
// ErrUnproven there is a Value.
type Result struct {
	// Value is nil, a string, an int64 or a []any of these.
	Value any
	Err   error
}

// Text is a string reply; false for a nil one.
func (r Result) Text() (string, bool, error) {
	switch v := r.Value.(type) {
	case string:
		return v, true, r.Err
	case nil:
		return "", false, r.Err
	}
	return "", false, r.mismatch("a string")
}

// Int is a number, also one that came as text. Nil is 0.
func (r Result) Int() (int64, error) {
	switch v := r.Value.(type) {
	case int64:
		return v, r.Err
	case nil:
		return 0, r.Err
	case string:
		if n, err := strconv.ParseInt(v, 10, 64); err == nil {
			return n, r.Err
		}
	}
	return 0, r.mismatch("a number")
}

// List is an array reply; nil is an empty one.
func (r Result) List() ([]any, error) {
	switch v := r.Value.(type) {
	case []any:
		return v, r.Err
	case nil:
		return nil, r.Err
	}
	return nil, r.mismatch("an array")
}

func (r Result) mismatch(want string) error {
	if r.Err != nil {
		return r.Err
	}
	return fmt.Errorf("%w: it answered %T instead of %s", ErrRefused, r.Value, want)
}
