package lanes

import (
	"context"
	"sync"

	"bauta/redis"
	"bauta/redis/lanes/place"
	"bauta/webhook"
)

// mostLost bounds how many leases are remembered that nobody holds. Others wait until
// they end.
const mostLost = 4096

// lost are leases that an append may have granted, and whose answer was lost: nobody
// delivers under them, and nobody else does until they end.
type lost struct {
	mu     sync.Mutex
	leases []webhook.Lease
}

func (o *lost) add(leases []webhook.Lease) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.leases = append(o.leases, leases[:min(len(leases), mostLost-len(o.leases))]...)
}

func (o *lost) take() []webhook.Lease {
	o.mu.Lock()
	defer o.mu.Unlock()
	out := o.leases
	o.leases = nil
	return out
}

// letGo makes lanes due whose leases were lost, as far as these are still in force.
func (l *Lanes) letGo(ctx context.Context) {
	var calls []redis.Call
	var about []webhook.Lease
	for _, lease := range l.lost.take() {
		p, err := place.Of(l.names, lease.Lane)
		if err != nil || !l.options.Now().Before(lease.Deadline) {
			continue
		}
		about = append(about, lease)
		calls = append(calls, l.scripts.release.Call([]string{p.Head, p.Due}, string(p.Lane.Conversation), lease.Token, redis.WakeChannel, p.End()))
	}
	if len(calls) == 0 {
		return
	}
	var again []webhook.Lease
	for i, r := range l.store.Pipeline(ctx, calls) {
		if r.Err != nil {
			again = append(again, about[i])
		}
	}
	l.lost.add(again)
}

// releaseSource makes a lane due if a lease on it is in force. KEYS: head, due. ARGV:
// lane name, token, channel, name of the endpoint.
const releaseSource = `
if redis.call('HGET', KEYS[1], 't') ~= ARGV[2] then return 0 end
redis.call('ZCARD', KEYS[2])
redis.call('HDEL', KEYS[1], 't')
redis.call('ZADD', KEYS[2], ms(now()), ARGV[1])
redis.call('PUBLISH', ARGV[3], ARGV[4] .. ':' .. ARGV[1])
return 1`
