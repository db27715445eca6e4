using Kneepoint.Coding.Entropy;

namespace Kneepoint.Coding.Indices;

/// <summary>Numbers as weights usually are, that a model sees before the first tensor, so that it need not learn from the tensor what all tensors share.</summary>
/// <remarks>
/// The magnitude of a number is geometric with a mean that differs by row and by column over two octaves, at the steps of common rates. All arithmetic is in whole numbers: every
/// machine makes the same ones.
/// </remarks>
static class Priming
{
    const int Rows = 24;
    const int Columns = 72;

    // Means of magnitudes in 1/16: from sparse weights to the top of what one shift covers.
    static ReadOnlySpan<int> Means => [3, 8, 20, 48];

    /// <summary>Lets a model see them.</summary>
    public static void Learn(MixedIndexModel model)
    {
        ulong state = 0x2545F4914F6CDD1D;
        int[] values = new int[Rows * Columns];
        foreach (int mean in Means)
        {
            Fill(values, mean, ref state);
            model.Code(new NoCoder(), values, new IndexShape(Rows, Columns, 9), 0);
        }
    }

    static void Fill(Span<int> values, int mean, ref ulong state)
    {
        Span<int> columnScale = stackalloc int[Columns];
        for (int i = 0; i < Columns; i++) columnScale[i] = 8 + (int)(Next(ref state) % 12);
        for (int row = 0; row < Rows; row++)
        {
            int rowScale = 6 + (int)(Next(ref state) % 16);
            for (int column = 0; column < Columns; column++)
            {
                // A geometric number of mean m/8192 goes on with probability m/(m + 8192).
                uint m = (uint)(mean * rowScale * columnScale[column] * 2);
                uint threshold = (uint)(((ulong)m << 32) / (m + 8192ul));
                int magnitude = 0;
                while (magnitude < 40 && Next(ref state) < threshold) magnitude++;
                values[row * Columns + column] = (Next(ref state) & 1) == 0 ? magnitude : -magnitude;
            }
        }
    }

    static uint Next(ref ulong state)
    {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        return (uint)(state >> 32);
    }
}
