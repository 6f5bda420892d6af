package tokens

import (
	"encoding/json"
	"fmt"
	"time"

	"bauta/redis"
	"bauta/webhook"
)

// entry is what is kept of a grant beside its id, which is the hash's field, and
// its business, which is in the key. Times are Unix seconds. addSource reads
// expires.
type entry struct {
	Scopes  []string `json:"scopes"`
	Label   string   `json:"label,omitempty"`
	Issued  int64    `json:"issued"`
	Expires int64    `json:"expires"`
}

func encode(g webhook.Grant) ([]byte, error) {
	return json.Marshal(entry{Scopes: g.Scopes, Label: g.Label, Issued: g.Issued.Unix(), Expires: g.Expires.Unix()})
}

// read reads a field of the hash and its value.
func read(business string, pair []any) (webhook.Grant, error) {
	var text string
	id, ok := pair[0].(string)
	if ok && len(pair) == 2 {
		text, ok = pair[1].(string)
	}
	var e entry
	if !ok || json.Unmarshal([]byte(text), &e) != nil || e.Expires == 0 {
		return webhook.Grant{}, fmt.Errorf("%w: what is kept of the token %s of %s cannot be read: revoke it", redis.ErrRefused, id, business)
	}
	return webhook.Grant{
		ID: id, Business: business, Scopes: e.Scopes, Label: e.Label,
		Issued: time.Unix(e.Issued, 0).UTC(), Expires: time.Unix(e.Expires, 0).UTC(),
	}, nil
}

// addSource: KEYS the hash; ARGV id, entry, now in s, for how many ms the hash is
// needed. It keeps what it cannot read: that may be in force.
const addSource = `
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  local ok, kept = pcall(cjson.decode, all[i + 1])
  if ok and type(kept) == 'table' and type(kept.expires) == 'number' and kept.expires <= tonumber(ARGV[3]) then
    redis.call('HDEL', KEYS[1], all[i])
  end
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[4]) then
  redis.call('PEXPIRE', KEYS[1], ARGV[4])
end
return 1
`
