using Kneepoint.Calibration.Moments;

namespace Kneepoint.Tests.Calibration.Moments;

public sealed class MomentFormatTests
{
    [Fact]
    public void What_is_read_is_what_was_written_to_the_precision_of_binary32()
    {
        var moments = Some();

        var read = MomentFormat.Read(MomentFormat.Write(moments));

        Assert.Equal((moments.First.Rows, moments.Second.Rows, 2, 5), (read.First.Rows, read.Second.Rows, read.First.Groups, read.First.Columns));
        for (int group = 0; group < 2; group++)
        {
            Assert.Equal(moments.Second.Products(group).ToArray().Select(value => (double)(float)value), read.Second.Products(group).ToArray());
            Assert.Equal(moments.Second.Sums(group).ToArray().Select(value => (double)(float)value), read.Second.Sums(group).ToArray());
        }

        Assert.Equal(MomentFormat.Write(read), MomentFormat.Write(moments));
    }

    [Fact]
    public void Damaged_bytes_are_refused_whatever_the_damage()
    {
        byte[] bytes = MomentFormat.Write(Some());
        var random = new Random(4);
        for (int length = 0; length < bytes.Length; length += 7) Assert.Throws<FormatException>(() => MomentFormat.Read(bytes.AsSpan(0, length)));
        for (int i = 0; i < 8; i++)
        {
            byte[] damaged = [.. bytes];
            damaged[i] ^= (byte)(1 + random.Next(255));
            try
            {
                MomentFormat.Read(damaged);
            }
            catch (FormatException)
            {
            }
        }
    }

    static SplitMoments Some()
    {
        var random = new Random(3);
        InputMoments Half()
        {
            var half = new InputMoments(2, 5);
            float[] panel = [.. Enumerable.Range(0, 3 * 16).Select(i => i % 16 < 5 ? (float)random.NextDouble() : 0)];
            half.Add(0, panel, 3);
            half.Add(1, panel, 2);
            half.CountRows(3);
            return half;
        }

        return new SplitMoments(Half(), Half());
    }
}
