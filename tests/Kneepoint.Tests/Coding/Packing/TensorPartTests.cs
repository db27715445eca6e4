using CsCheck;
using Kneepoint.Coding.Graph;
using Kneepoint.Coding.Indices;
using Kneepoint.Coding.Packing;
using Kneepoint.Tensors;

namespace Kneepoint.Tests.Coding.Packing;

public sealed class TensorPartTests
{
    [Fact]
    public void The_first_dimension_counts_rows_and_the_kernel_is_the_period() =>
        Assert.Equal(new IndexShape(8, 36, 9), Assert.Single(Parts(new TensorCut(7, 8 * 36 * 4, ElementType.Float32, [8, 4, 3, 3]))).Shape);

    [Fact]
    public void A_vector_is_one_row() => Assert.Equal(new IndexShape(1, 100, 1), Assert.Single(Parts(new TensorCut(0, 400, ElementType.Float32, [100]))).Shape);

    [Theory]
    [InlineData(100, 5L)]
    [InlineData(100, 0L)]
    [InlineData(100, -4L)]
    [InlineData(100, long.MaxValue)]
    [InlineData(100, long.MinValue)]
    public void A_shape_that_does_not_fit_the_length_is_ignored(int count, long dimension) =>
        Assert.Equal(new IndexShape(1, count, 1), Assert.Single(Parts(new TensorCut(0, count * 4, ElementType.Float32, [dimension, 3, 2]))).Shape);

    [Fact]
    public void Data_that_are_no_whole_elements_are_bytes()
    {
        var part = Assert.Single(Parts(new TensorCut(0, 65, ElementType.Float32, [4, 4])));

        Assert.Equal((ElementType.UInt8, new IndexShape(1, 65, 1)), (part.Type, part.Shape));
    }

    [Theory]
    [InlineData(ElementType.Undefined)]
    [InlineData(ElementType.String)]
    [InlineData(ElementType.Complex128)]
    [InlineData(ElementType.Int2)]
    [InlineData((ElementType)99)]
    public void Types_without_a_known_width_are_bytes(ElementType type) => Assert.Equal(ElementType.UInt8, Assert.Single(Parts(new TensorCut(0, 64, type, [64]))).Type);

    [Fact]
    public void An_odd_count_of_4_bit_numbers_has_one_more_in_its_last_byte()
    {
        var part = Assert.Single(Parts(new TensorCut(0, 64, ElementType.Int4, [127])));

        Assert.Equal((64, 128), (part.Bytes, part.Shape.Count));
    }

    [Fact]
    public void Parts_of_a_large_tensor_are_whole_rows_that_follow_each_other()
    {
        long length = 3000L * 1000;
        var parts = Parts(new TensorCut(50, length, ElementType.Int8, [3000, 1000]));

        Assert.Equal(3, parts.Count);
        Assert.All(parts, part => Assert.Equal((part.Bytes / 1000, 1000), (part.Shape.Rows, part.Shape.Columns)));
        Assert.All(parts, part => Assert.InRange(part.Shape.Count, 1, 1 << 20));
    }

    [Fact]
    public void Parts_cover_every_tensor_without_gap_and_groups_stay_small() => Gen.Select(
            Gen.Enum<ElementType>(), Gen.OneOf(Gen.Long[64, 3000], Gen.Long[64, 20_000_000]), Gen.OneOf(Gen.Long[1, 4000], Gen.Long).Array[0, 5], Gen.Bool)
        .Array[1, 6].Sample(tensors =>
        {
            var cuts = new List<TensorCut>();
            long place = 10;
            foreach (var (type, length, stated, fits) in tensors)
            {
                long count = length * 8 / Math.Max(1, Tensor.Bits(type));
                cuts.Add(new TensorCut(place, length, type, fits && stated.Length > 0 && stated[0] > 0 && count % stated[0] == 0 ? [stated[0], count / stated[0]] : [.. stated]));
                place += length + 3;
            }

            var groups = TensorPart.Groups(cuts).ToArray();
            Assert.All(groups, group => Assert.InRange(group.Sum(part => (long)part.Bytes), 1, 1 << 22));
            using var parts = groups.SelectMany(group => group).GetEnumerator();
            foreach (var cut in cuts)
            {
                for (long offset = cut.Offset; offset < cut.Offset + cut.Length;)
                {
                    Assert.True(parts.MoveNext());
                    var part = parts.Current;
                    Assert.Equal(offset, part.Offset);
                    Assert.Equal(part.Bytes * 8L, part.Shape.Count * (long)Tensor.Bits(part.Type));
                    Assert.True(part.Shape.Period >= 1 && part.Shape.Count <= 1 << 22);
                    offset += part.Bytes;
                }
            }

            Assert.False(parts.MoveNext());
        });

    static List<TensorPart> Parts(TensorCut cut) => [.. TensorPart.Groups([cut]).SelectMany(group => group)];
}
