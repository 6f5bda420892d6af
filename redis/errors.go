package redis

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"strings"

	goredis "github.com/redis/go-redis/v9"
)

// ErrUnavailable means that Redis cannot take the command now (connection, loading,
// read-only, out of memory, fail-over, too few replicas). The platform is
// answered 503 and sends again. Whether a write happened is not known.
var ErrUnavailable = errors.New("redis is unavailable")

// ErrSilent comes with ErrUnavailable where nothing was heard of the server: nobody
// listens, the connection broke, or the time was up. Without it the server answered,
// and does not take the command in the state that it is in.
var ErrSilent = errors.New("it does not answer")

// ErrUnproven comes with ErrUnavailable where the server did a write, and could not show
// that it is where the acknowledgement level wants it. A fail-over may take it back.
var ErrUnproven = errors.New("a write is not proven")

// ErrRefused means that Redis understood and refused. It is a fault of ours or of what
// lies under a key; nothing is gained by sending the same again.
var ErrRefused = errors.New("redis refused a command")

// ErrMisconfigured means that the server, or what it holds, does not fit the
// configuration. Found at start; waiting does not help.
var ErrMisconfigured = errors.New("redis does not fit the configuration")

// fault turns an error of the client into one of ours. Texts of the server may
// repeat arguments, so that only their code and the script's line are kept.
func fault(err error) error {
	switch {
	case err == nil, errors.Is(err, goredis.Nil):
		return nil
	case errors.Is(err, ErrUnavailable), errors.Is(err, ErrRefused), errors.Is(err, ErrMisconfigured):
		return err
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("%w: %w", ErrUnavailable, context.Canceled)
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%w: %w: %w", ErrUnavailable, ErrSilent, context.DeadlineExceeded)
	}
	if server, ok := errors.AsType[goredis.Error](err); ok {
		return serverFault(server.Error())
	}
	if why := untrusted(err); why != "" {
		return &distrust{why}
	}
	if ours(err) {
		return fmt.Errorf("%w: %s", ErrUnavailable, transport(err))
	}
	return fmt.Errorf("%w: %w: %s", ErrUnavailable, ErrSilent, transport(err))
}

// distrust is that server and client do not accept one another. It is ErrUnavailable in
// operation, where an operator ends it; at a start, waiting does not help.
type distrust struct{ why string }

func (d *distrust) Error() string { return ErrUnavailable.Error() + ": " + d.why }
func (d *distrust) Unwrap() error { return ErrUnavailable }

func serverFault(text string) error {
	code, rest, _ := strings.Cut(text, " ")
	if code == "ERR" {
		code = nested(rest)
	}
	if !isCode(code) {
		code = "ERR"
	}
	kind := ErrRefused
	if waits(code) {
		kind = ErrUnavailable
	}
	switch code {
	case "NOAUTH", "WRONGPASS":
		return &distrust{"it refuses the credentials of redis.url (" + code + "): check user and password"}
	case "NOPERM":
		return fmt.Errorf("%w: the user of redis.url lacks a right (NOPERM)", kind)
	}
	if line := regexp.MustCompile(`user_script:\s?\d+`).FindString(text); line != "" {
		return fmt.Errorf("%w: %s (%s)", kind, code, line)
	}
	return fmt.Errorf("%w: %s", kind, code)
}

// nested finds the code that servers before 7.0 wrap into a script's error, and
// the one condition that has no code of its own.
func nested(rest string) string {
	if strings.HasPrefix(rest, "max number of clients") {
		return "MAXCLIENTS"
	}
	if _, inner, found := strings.Cut(rest, ": -"); found {
		code, _, _ := strings.Cut(inner, " ")
		return code
	}
	return "ERR"
}

func isCode(word string) bool {
	if word == "" || len(word) > 20 {
		return false
	}
	for _, r := range word {
		if r < 'A' || r > 'Z' {
			return false
		}
	}
	return true
}

// waits tells the codes of a state that passes, or that an operator ends. MOVED
// and ASK are among them for who does not follow (detour.go).
func waits(code string) bool {
	switch code {
	case "LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "OOM", "MISCONF", "TRYAGAIN", "MOVED", "ASK",
		"NOREPLICAS", "BUSY", "NOAUTH", "WRONGPASS", "NOPERM", "MAXCLIENTS", "UNBLOCKED":
		return true
	}
	return false
}

// ours tells what this side came to, whatever the server does.
func ours(err error) bool {
	return errors.Is(err, goredis.ErrClosed) || errors.Is(err, goredis.ErrPoolTimeout) || errors.Is(err, goredis.ErrPoolExhausted)
}

// transport describes what went wrong between the client and the server. Only
// kinds of error whose text holds addresses at most are quoted.
func transport(err error) string {
	var op *net.OpError
	switch {
	case errors.As(err, &op):
		return op.Error()
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection was closed"
	case errors.Is(err, goredis.ErrClosed):
		return "the client is closed"
	case errors.Is(err, goredis.ErrPoolTimeout), errors.Is(err, goredis.ErrPoolExhausted):
		return "no connection became free in time"
	}
	return "the exchange failed"
}
