package redis

import (
	"strconv"

	"bauta/webhook"
)

// LaneAt is Lane in a shard that the caller knows: the name of a lane of an
// event that stepped aside does not lead to its shard.
func (k Keys) LaneAt(shard int, l webhook.Lane) string { return k.laneAt(shard, l, "l:") }

// HeadAt is Head in a shard that the caller knows.
func (k Keys) HeadAt(shard int, l webhook.Lane) string { return k.laneAt(shard, l, "h:") }

func (k Keys) laneAt(shard int, l webhook.Lane, kind string) string {
	return k.tags[shard] + kind + l.Business + ":" + l.Endpoint + ":" + string(l.Conversation)
}

// SeenPart is one of the parts of Seen, for conversations of many people.
func (k Keys) SeenPart(business string, c webhook.Conversation, epoch int64, part int) string {
	return k.Seen(business, c, epoch) + ":" + strconv.Itoa(part)
}

// Stages holds how far the messages of a conversation have come, as an endpoint was told
// in one epoch; part below 0 is for a conversation of one person.
func (k Keys) Stages(shard int, l webhook.Lane, epoch int64, part int) string {
	name := k.laneAt(shard, l, "st:") + ":" + strconv.FormatInt(epoch, 10)
	if part < 0 {
		return name
	}
	return name + ":" + strconv.Itoa(part)
}

// Over holds, for a time, the handles that end in a conversation.
func (k Keys) Over(business string, c webhook.Conversation) string {
	return k.tags[k.Shard(c)] + "over:" + business + ":" + string(c)
}

// Shown holds how often each endpoint got the number that a customer shared in a
// conversation.
func (k Keys) Shown(business, customer string, c webhook.Conversation) string {
	return k.tags[k.Shard(c)] + "shown:" + business + ":" + customer + ":" + string(c)
}

// Ages holds an endpoint's lanes in a shard by when their heads were accepted.
func (k Keys) Ages(shard int, business, endpoint string) string {
	return k.tags[shard] + "ages:" + business + ":" + endpoint
}

// Depths holds how many events wait for each endpoint in a shard.
func (k Keys) Depths(shard int) string { return k.depths[shard] }
