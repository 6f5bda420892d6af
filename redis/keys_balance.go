package redis

import (
	"strings"

	"bauta/webhook"
)

// BalanceKey holds what the reconciler found, by business, and when it had looked at
// everything.
const BalanceKey = "bauta:balance"

// ReconcilerKey is the lease of the node that reconciles.
const ReconcilerKey = "bauta:reconciler"

// Lanes is a pattern of all lanes of a business in a shard, for a scan.
func (k Keys) Lanes(shard int, business string) string {
	plain := strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`)
	return k.tags[shard] + "l:" + plain.Replace(business) + ":*"
}

// ParseLane is the way back from LaneAt, in a shard.
func (k Keys) ParseLane(shard int, key string) (webhook.Lane, bool) {
	name, ok := strings.CutPrefix(key, k.tags[shard]+"l:")
	parts := strings.SplitN(name, ":", 3)
	if !ok || len(parts) != 3 {
		return webhook.Lane{}, false
	}
	return webhook.Lane{Business: parts[0], Endpoint: parts[1], Conversation: webhook.Conversation(parts[2])}, true
}
