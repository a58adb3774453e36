// SPDX-License-Identifier: Apache-2.0
/** Runs the peers, each on a class path of its own, in turns, and writes one file. */
package io.fairlead.peers.suite;
