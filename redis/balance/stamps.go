package balance

import (
	"context"
	"slices"
	"strconv"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// stampsSource reads when events were accepted, without the events. KEYS: lanes. ARGV:
// of each the first and the last event that are meant.
const stampsSource = `
local out = {}
for i, list in ipairs(KEYS) do
  local stamps = {}
  for j, e in ipairs(redis.call('LRANGE', list, ARGV[2 * i - 1], ARGV[2 * i])) do stamps[j] = string.sub(e, 1, 13) end
  out[i] = stamps
end
return out
`

// sheaf is what one script looks at: parts of lanes, with so many events.
type sheaf struct {
	keys []string
	args []any
	of   []*lane
	size int64
}

// sheaves parts the events of lanes.
func sheaves(lanes []*lane) []sheaf {
	looks := []sheaf{{}}
	for _, l := range lanes {
		for from := int64(0); from < l.events; {
			at := &looks[len(looks)-1]
			n := min(stampsEach-at.size, l.events-from)
			if n == 0 {
				looks = append(looks, sheaf{})
				continue
			}
			at.keys, at.args, at.of = append(at.keys, l.place.List), append(at.args, from, from+n-1), append(at.of, l)
			from, at.size = from+n, at.size+n
		}
	}
	return looks
}

// stamps reads when the events of lanes were accepted.
func (r *reader) stamps(ctx context.Context, lanes []*lane) error {
	for some := range slices.Chunk(sheaves(lanes), 16) {
		replies := make([]*goredis.Cmd, len(some))
		err := r.piped(ctx, func(p goredis.Pipeliner) {
			for i, at := range some {
				if at.size > 0 {
					replies[i] = p.Eval(ctx, stampsSource, at.keys, at.args...)
					r.cost += int(at.size) / 10
				}
			}
		})
		if err != nil {
			return err
		}
		for i, at := range some {
			if at.size > 0 {
				lists, _ := replies[i].Slice()
				r.note(at.of, lists)
			}
		}
	}
	return nil
}

// note notes when the events of lanes were accepted.
func (r *reader) note(of []*lane, lists []any) {
	for i, list := range lists {
		stamps, _ := list.([]any)
		for j, v := range stamps {
			text, _ := v.(string)
			ms, err := strconv.ParseInt(text, 10, 64)
			readable := err == nil && len(text) == stampLength
			if l := of[i]; j == 0 && !l.read {
				// Of what nobody can read, whatever age is noted is right.
				l.read, l.head = true, l.age
				if readable {
					l.head = text
				}
			}
			if !readable {
				continue // it is missing where it was counted
			}
			at := time.UnixMilli(ms).Unix()
			if _, meant := r.fresh[hourOf(at)]; meant {
				r.minute(at-at%60).waiting++
			}
		}
	}
}
