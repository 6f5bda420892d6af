package app

import (
	"time"

	"bauta/masking/sharing"
	"bauta/redis/audit"
	"bauta/redis/ledger"
)

// ledger is the consent ledger of each business.
func (k *core) ledger() *ledger.Ledger {
	return ledger.New(ledger.Options{Store: k.store, Keys: k.vault, Signer: sharing.NewSigner(k.keys), PRF: k.keys})
}

// audit is the log of who used what stands behind a handle.
func (k *core) auditLog() *audit.Log {
	return audit.New(audit.Options{
		Store: k.store, Keys: k.vault, Retention: func(b string) time.Duration { return k.retention(b).Consents },
	})
}
