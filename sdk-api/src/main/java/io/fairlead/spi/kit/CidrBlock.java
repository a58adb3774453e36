// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi.kit;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/**
 * A block of IP addresses, {@code 10.0.0.0/8} or {@code 2001:db8::/32} (RFC 4632). An immutable value; IPv4 addresses
 * mapped into IPv6 count as IPv4.
 *
 * @param network an address of the block
 * @param prefix how many leading bits all its addresses share
 */
public record CidrBlock(InetAddress network, int prefix) {

    /**
     * Reads {@code address/prefix}.
     *
     * @throws IllegalArgumentException when it is none; names are never looked up
     */
    public static CidrBlock parse(String text) {
        int slash = text.indexOf('/');
        String address = slash < 0 ? "" : text.substring(0, slash);
        String bits = text.substring(slash + 1);
        InetAddress network = addressOf(address);
        int prefix = bits.matches("\\d{1,3}") ? Integer.parseInt(bits) : -1;
        if (network == null || prefix < 0 || prefix > network.getAddress().length * 8) {
            throw new IllegalArgumentException(
                    "CIDR block: '" + text + "' (expected: as in '10.0.0.0/8' or 'fd00::/8')");
        }
        return new CidrBlock(network, prefix);
    }

    /** The address an IPv4 or IPv6 literal spells, or null for anything else; nothing is looked up. */
    public static @Nullable InetAddress addressOf(String host) {
        boolean isLiteral = host.matches("\\d{1,3}(\\.\\d{1,3}){3}") || host.matches("[0-9a-fA-F.]*:[0-9a-fA-F:.]*");
        try {
            return isLiteral ? InetAddress.getByName(host) : null;
        } catch (UnknownHostException notAnAddress) {
            return null;
        }
    }

    /** Whether an address lies in the block. */
    public boolean contains(InetAddress address) {
        byte[] mine = network.getAddress();
        byte[] other = address.getAddress();
        if (mine.length != other.length) {
            return false;
        }
        for (int bit = 0; bit < prefix; bit++) {
            int mask = 0x80 >> (bit & 7);
            if ((mine[bit >> 3] & mask) != (other[bit >> 3] & mask)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return network.getHostAddress() + "/" + prefix;
    }
}
