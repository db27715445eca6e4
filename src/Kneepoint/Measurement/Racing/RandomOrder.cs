using Kneepoint.Tensors.Probability;

namespace Kneepoint.Measurement.Racing;

/// <summary>A random order in which every one is equally likely.</summary>
/// <remarks>Source: Durstenfeld's algorithm 235, CACM 7 (1964); Knuth, The Art of Computer Programming 2, section 3.4.2, algorithm P.</remarks>
static class RandomOrder
{
    /// <summary>The numbers from 0 to <paramref name="count"/> − 1 in an order that the seed alone decides.</summary>
    public static int[] Of(int count, long seed)
    {
        int[] order = new int[count];
        for (int i = 0; i < count; i++) order[i] = i;
        var random = new Xoshiro256(seed);
        for (int i = count - 1; i > 0; i--)
        {
            int other = random.Below(i + 1);
            (order[i], order[other]) = (order[other], order[i]);
        }

        return order;
    }
}
