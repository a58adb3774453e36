// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

/** Where the list of instances that calls use comes from now. When several apply, the one further down counts. */
public enum ListSource {
    /** The registry's, as it is now. */
    LIVE,
    /** The registry's, and with instances that it no longer lists, which are kept until confirmed. */
    HELD,
    /** The registry's last one: the watch is interrupted. */
    STALE,
    /** One kept on disk: the registry has not answered yet. */
    STORED,
    /** There is none: the registry has not answered yet. */
    WAITING
}
