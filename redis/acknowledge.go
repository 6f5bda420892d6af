package redis

import (
	"errors"
	"fmt"

	goredis "github.com/redis/go-redis/v9"
)

// proof is what is asked on the connection of a write, right behind it: in how many
// places the write is. Servers answer with counts when their time is up, too, so the
// counts are compared. The zero value asks nothing: the write's own reply is enough.
type proof struct {
	command []any
	// wants are the least counts, in the order of the answer; places say of what.
	wants  []int64
	places []string
}

// onReplicas asks for so many replicas that have it in memory.
func (o Options) onReplicas() proof {
	return proof{
		command: []any{"WAIT", o.Replicas, o.AcknowledgeTimeout.Milliseconds()},
		wants:   []int64{int64(o.Replicas)}, places: []string{"replicas have the write"},
	}
}

// onDisk asks for the server's own disk, whenever that fsyncs (WAITAOF, since 7.2).
func (o Options) onDisk() proof {
	return proof{
		command: []any{"WAITAOF", 1, 0, o.AcknowledgeTimeout.Milliseconds()},
		wants:   []int64{1}, places: []string{"disks have the write"},
	}
}

// asked tells whether anything is asked.
func (p proof) asked() bool { return len(p.command) > 0 }

// short reads the answer: nil if the write is where it has to be, else ErrUnproven.
func (p proof) short(answer *goredis.Cmd) error {
	if err := answer.Err(); err != nil {
		if f := fault(err); f != nil {
			return fmt.Errorf("%w: %w", f, ErrUnproven)
		}
		return fmt.Errorf("%w: %w: no answer to %s", ErrUnavailable, ErrUnproven, p.command[0])
	}
	counts, ok := answer.Val().([]any)
	if !ok {
		counts = []any{answer.Val()}
	}
	for i, want := range p.wants {
		var got int64
		if i < len(counts) {
			got, _ = counts[i].(int64)
		}
		if got < want {
			return fmt.Errorf("%w: %w: %d of %d %s", ErrUnavailable, ErrUnproven, got, want, p.places[i])
		}
	}
	return nil
}

// unknown tells that a server has no such command, or forbids it for good.
func unknown(err error) bool {
	return err != nil && (errors.Is(fault(err), ErrRefused) || goredis.IsPermissionError(err))
}
