package redis

import (
	"strconv"

	"bauta/webhook"
)

// Roll holds one part of a roll in one epoch: PRFs of ids as integers. The parts
// of a roll lie in shards one after the other, so that a large roll lies in all.
func (k Keys) Roll(business string, roll webhook.Roll, epoch int64, part int) string {
	shard := (k.hashed(business+":"+string(roll)) + part) % k.shards
	return k.tags[shard] + "r:" + business + ":" + string(roll) + ":" +
		strconv.FormatInt(epoch, 10) + ":" + strconv.Itoa(part)
}

// Idempotency holds what became of the call that a business made under an
// Idempotency-Key, by the key's PRF.
func (k Keys) Idempotency(business, prf string) string {
	return "bauta:idem:" + business + ":" + prf
}
