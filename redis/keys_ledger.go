package redis

import "strconv"

// Ledger holds the lines of a business's consent ledger. All of a ledger lies in
// one slot, so that a line and the head that vouches for it are written in one step.
func (k Keys) Ledger(business string) string { return k.ledger(business, "ledger:") }

// LedgerHead holds the ends of a business's consent ledger: where it stands, and
// what was dropped before its first line.
func (k Keys) LedgerHead(business string) string { return k.ledger(business, "ledgerhead:") }

// LedgerIDs holds one part of the ids of a business's consent ledger: PRFs as
// integers.
func (k Keys) LedgerIDs(business string, part int) string {
	return k.ledger(business, "ledgerids:") + ":" + strconv.Itoa(part)
}

func (k Keys) ledger(business, kind string) string {
	return k.tags[k.hashed("ledger:"+business)] + kind + business
}

// Erasures holds a business's erasures that are not at their end.
func (k Keys) Erasures(business string) string { return k.ledger(business, "erasures:") }

// ErasureNames leads from keyed PRFs of identities and handles to a business's erasures.
func (k Keys) ErasureNames(business string) string { return k.ledger(business, "erasurenames:") }

// Audit holds a business's audit lines of one day (Unix time / 86400). The days of
// a business lie in shards one after the other.
func (k Keys) Audit(business string, day int64) string {
	shard := (int64(k.hashed("audit:"+business)) + day) % int64(k.shards)
	return k.tags[shard] + "audit:" + business + ":" + strconv.FormatInt(day, 10)
}

// Audits lists the days of which a business has audit lines.
func (k Keys) Audits(business string) string {
	return k.tags[k.hashed("audit:"+business)] + "audits:" + business
}

// Actions holds what operators did with a business on one day, Actioned the days of
// which there is something; as Audit and Audits.
func (k Keys) Actions(business string, day int64) string {
	shard := (int64(k.hashed("actions:"+business)) + day) % int64(k.shards)
	return k.tags[shard] + "actions:" + business + ":" + strconv.FormatInt(day, 10)
}

// Actioned lists the days on which operators did something with a business.
func (k Keys) Actioned(business string) string {
	return k.tags[k.hashed("actions:"+business)] + "actioned:" + business
}
